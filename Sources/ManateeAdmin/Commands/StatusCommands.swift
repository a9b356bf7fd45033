import ArgumentParser
import ManateeCore

/// `show`: the cluster in a few lines, its peers, and what is wrong.
struct ShowCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show cluster summary information.",
        usage: "manatee-adm show [OPTIONS]"
    )

    @OptionGroup var shard: ShardOptions
    @OptionGroup var postgres: ProbeOptions

    @Flag(name: .shortAndLong, help: "Show whole names and addresses too.")
    var verbose = false

    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let limit = try postgres.limit()
        let isJSON = try output.isJSON()
        let details = try await ClusterLoader(session: session, target: target).load(
            askingPostgresWithin: limit
        )
        if isJSON {
            try session.write(DetailsJSON.summary(details, target: target))
        } else {
            let report = ShowReport(
                servers: target.servers,
                shard: target.shard,
                verbose: verbose,
                paint: session.paint(for: .standardOutput)
            )
            try session.write(report.text(details))
        }
        return .success
    }
}

/// `peers`: who belongs to the cluster, from the store alone.
struct PeersCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "peers",
        abstract: "Show known peers in this cluster.",
        usage: "manatee-adm peers [OPTIONS]"
    )

    @OptionGroup var shard: ShardOptions
    @OptionGroup var table: TableOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let isJSON = try table.isJSON()
        let table = try table.table(PeerColumn.ofPeers)
        for column in table.columns where column.needsPostgres {
            throw AdmFailure.usage(
                "column not available with this subcommand: \"\(column.layout.label)\""
            )
        }
        let details = try await ClusterLoader(session: session, target: target).load(
            askingPostgresWithin: nil
        )
        if isJSON {
            try session.write(DetailsJSON.peers(table.members(of: details), of: details))
        } else {
            try session.write(table.text(details))
        }
        return .success
    }
}

/// `pg-status`: every postgres and its replication, once or again and again.
struct StatusCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "pg-status",
        abstract: "Show the postgres status of this cluster.",
        usage: "manatee-adm pg-status [OPTIONS] [PERIOD [COUNT]]"
    )

    @OptionGroup var shard: ShardOptions
    @OptionGroup var table: TableOptions
    @OptionGroup var postgres: ProbeOptions

    @Flag(
        name: [.customShort("w"), .customLong("wide"), .customLong("cinematic")],
        help: "Show full peernames."
    )
    var wide = false

    @Argument(help: ArgumentHelp("Repeat every PERIOD seconds.", valueName: "PERIOD"))
    var period: String?

    @Argument(help: ArgumentHelp("End after COUNT times.", valueName: "COUNT"))
    var count: String?

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let limit = try postgres.limit()
        let period = try whole(period, "period")
        let count = try whole(count, "count")
        let isJSON = try table.isJSON()
        let defaults = wide ? PeerColumn.ofWideStatus : PeerColumn.ofStatus
        let table = try table.table(defaults)
        let loader = ClusterLoader(session: session, target: target)
        guard let period else {
            try await printOnce(loader, limit, table, isJSON)
            return .success
        }
        var rounds = 0
        while true {
            rounds += 1
            let isLast = rounds == count
            do {
                try await printOnce(loader, limit, table, isJSON)
            } catch let failure as AdmFailure where !isLast {
                // Watching goes on: the store or the shard may be back in the next round.
                try session.remark("manatee-adm: error: \(failure.message)\n")
            }
            if isLast { return .success }
            try await session.ports.pause(.seconds(period))
        }
    }

    private func printOnce(
        _ loader: ClusterLoader,
        _ limit: Duration,
        _ table: PeerTable,
        _ isJSON: Bool
    ) async throws {
        let details = try await loader.load(askingPostgresWithin: limit)
        if isJSON {
            let members = table.members(of: details)
            try loader.session.write(DetailsJSON.status(members, of: details))
            return
        }
        try loader.session.write(table.text(details))
        let issues = ClusterVerdict(details).issues
        guard !issues.isEmpty else { return }
        let paint = loader.session.paint(for: .standardError)
        try loader.session.remark("\n" + issues.map { $0.line(paint) + "\n" }.joined())
    }

    private func whole(_ text: String?, _ what: String) throws(AdmFailure) -> Int? {
        guard let text else { return nil }
        guard let number = Int(text), number >= 1 else {
            throw AdmFailure.usage("invalid \(what): \"\(text)\"")
        }
        return number
    }
}
