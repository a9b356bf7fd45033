import ArgumentParser
import ManateeCore

/// `reap`: forgets a deposed peer, or lets it come back where peers do not so by themselves.
struct ReapCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "reap",
        abstract: "Remove a peer from the list of deposed peers.",
        usage: "manatee-adm reap [OPTIONS]"
    )

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The deposed peer's address.", valueName: "IP")
    )
    var ip: String?

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp(
            "The deposed peer's name (default: the one that CONFIG is for).",
            valueName: "ZONENAME"
        )
    )
    var zonename: String?

    @OptionGroup var shard: ShardOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let (field, text) = try wanted(in: session)
        let target = try shard.target(in: session)
        let isJSON = try output.isJSON()
        try await StateEdit.reaping(text, by: [field]).carryOut(on: target, in: session)
        try Completion(
            operation: "reap",
            shard: target.shard,
            text: "Ok.",
            facts: [field: .string(text)]
        ).write(asJSON: isJSON, in: session)
        return .success
    }

    /// The field of a peer by which it is found, and what it must hold.
    private func wanted(in session: AdmSession) throws(AdmFailure) -> (String, String) {
        switch (ip, zonename) {
        case (.some, .some):
            throw AdmFailure.usage("options exclude each other: --ip, --zonename")
        case (let ip?, nil):
            return ("ip", ip)
        case (nil, let zonename?):
            return ("zoneId", zonename)
        case (nil, nil):
            guard let path = shard.store.configurationPath(in: session) else {
                throw AdmFailure.usage("option is required: --ip, --zonename or --config")
            }
            return ("zoneId", try session.zoneID(of: path))
        }
    }
}

extension AdmSession {
    fileprivate func zoneID(of configurationPath: String) throws(AdmFailure) -> String {
        do {
            return try ports.zoneID(configurationPath)
        } catch {
            throw AdmFailure.operation("\(error)")
        }
    }
}
