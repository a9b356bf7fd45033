import ArgumentParser
import ManateeCore
import ManateePorts
import ManateeWire

/// `config diff`: what is stored beside what each peer's postgres and sitter go by.
struct ConfigDiffCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare the stored configuration with what each peer runs.",
        usage: "manatee-adm config diff [OPTIONS]",
        discussion: """
            Exit code 0: every peer runs what is stored; 1: one does not, awaits a restart of its \
            postgres, or cannot be asked.
            """
    )

    @OptionGroup var shard: ShardOptions
    @OptionGroup var probe: ProbeOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let isJSON = try output.isJSON()
        let found = try await ShardConfiguration.load(target, in: session)
        if let fault = found.fault { throw fault }
        let stored = found.usable ?? ClusterConfiguration()
        let answers = try await found.parameters(target, within: probe.limit(), in: session)
        let words = try await found.sitters(target, within: probe.limit(), in: session)
        let rows = found.members.map { member in
            let silence = EffectFailure("was not asked")
            return ConfigurationComparison(
                member: member,
                stored: stored,
                answer: answers[member.peer.id] ?? .failure(silence),
                sitter: words[member.peer.id] ?? .failure(silence)
            )
        }
        if isJSON {
            let body: [String: JSONValue] = [
                "version": .integer(stored.version), "peers": .array(rows.map(\.json)),
            ]
            try session.write(JSONText.text(.object(body)) + "\n")
        } else {
            for row in rows { for line in row.lines { try session.write(line + "\n") } }
        }
        return rows.allSatisfy(\.isSame) ? .success : .failure
    }
}

/// What is stored, beside what one peer runs with.
struct ConfigurationComparison {
    /// One parameter that is not as it is stored, or that waits for a restart.
    struct Difference {
        var name: String
        /// Nil if it is not stored.
        var stored: String?
        /// Nil if the peer does not know it.
        var running: String?
        var isPendingRestart: Bool
    }

    let member: ClusterMember
    /// Why the peer could not be asked; nil if it was.
    let silence: String?
    let differences: [Difference]
    /// What its sitter goes by that is not as it is stored, or what keeps it from saying so.
    let sitter: [String]

    init(
        member: ClusterMember,
        stored: ClusterConfiguration,
        answer: Result<[String: ServerParameter], EffectFailure>,
        sitter word: Result<ConfigurationStatus, EffectFailure>
    ) {
        sitter = Self.remarks(on: word, stored)
        self.member = member
        switch answer {
        case .failure(let failure):
            silence = failure.detail
            differences = []
        case .success(let running):
            silence = nil
            let waiting = running.values.filter(\.isPendingRestart).map { $0.name.lowercased() }
            let names = Set(stored.parameters.keys).union(waiting).sorted()
            differences = names.compactMap { name in
                let parameter = running[name]
                let wanted = stored.parameters[name]
                let isPending = parameter?.isPendingRestart ?? false
                if !isPending, let wanted, parameter?.isSet(to: wanted) == true { return nil }
                return Difference(
                    name: name,
                    stored: wanted,
                    running: parameter?.text,
                    isPendingRestart: isPending
                )
            }
        }
    }

    /// Whether the peer runs what is stored.
    var isSame: Bool { silence == nil && differences.isEmpty && sitter.isEmpty }

    private static func remarks(
        on word: Result<ConfigurationStatus, EffectFailure>,
        _ stored: ClusterConfiguration
    ) -> [String] {
        switch word {
        case .failure(let failure): return ["the sitter cannot be asked: \(failure.detail)"]
        case .success(let status):
            if let problem = status.problem {
                return ["version \(status.version) is in force: \(problem)"]
            }
            guard status.version == stored.version else {
                return ["version \(status.version) is in force, stored is \(stored.version)"]
            }
            guard let running = status.detection else { return [] }
            let wanted = stored.detection.applied(to: running)
            return FailureDetection.named.filter {
                wanted[keyPath: $0.limit] != running[keyPath: $0.limit]
            }.map { name, limit in
                "failureDetection.\(name) is \(DurationText.text(running[keyPath: limit])), "
                    + "stored is \(DurationText.text(wanted[keyPath: limit]))"
            }
        }
    }

    /// What an operator reads.
    var lines: [String] {
        let name = "\(member.peer.zoneID.prefix(8)) (\(member.role.rawValue))"
        let remarks = sitter.map { "\(name): \($0)" }
        if let silence { return ["\(name): postgres cannot be asked: \(silence)"] + remarks }
        guard !isSame else { return ["\(name): runs what is stored"] }
        return remarks
            + differences.map { difference in
                let running = difference.running.map { "is \($0)" } ?? "is not known"
                let wanted = difference.stored.map { ", stored is \($0)" } ?? ", nothing is stored"
                let wait = difference.isPendingRestart ? "; awaits a restart of postgres" : ""
                return "\(name): \(difference.name) \(running)\(wanted)\(wait)"
            }
    }

    /// What a program reads.
    var json: JSONValue {
        .object([
            "peer": .string(member.peer.zoneID),
            "id": .string(member.peer.id.text),
            "role": .string(member.role.rawValue),
            "sitter": .array(sitter.map(JSONValue.string)),
            "error": silence.map(JSONValue.string) ?? .null,
            "differences": .array(
                differences.map { difference in
                    .object([
                        "name": .string(difference.name),
                        "stored": difference.stored.map(JSONValue.string) ?? .null,
                        "running": difference.running.map(JSONValue.string) ?? .null,
                        "pendingRestart": .boolean(difference.isPendingRestart),
                    ])
                }
            ),
        ])
    }
}
