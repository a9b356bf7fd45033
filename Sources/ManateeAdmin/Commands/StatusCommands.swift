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

    @Flag(help: "Print one line of JSON.")
    var json = false

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let limit = try postgres.limit()
        let details = try await ClusterLoader(session: session, target: target).load(
            askingPostgresWithin: limit
        )
        if json {
            try session.write(DetailsJSON.summary(details, target: target))
        } else {
            let report = ShowReport(
                servers: target.servers,
                shard: target.shard,
                verbose: verbose
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

    @Flag(help: "Print one line of JSON instead of a table.")
    var json = false

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let table = try table.table(PeerColumn.ofPeers)
        for column in table.columns where column.needsPostgres {
            throw AdmFailure.usage(
                "column not available with this subcommand: \"\(column.layout.label)\""
            )
        }
        let details = try await ClusterLoader(session: session, target: target).load(
            askingPostgresWithin: nil
        )
        if json {
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

    @Flag(help: "Print one line of JSON instead of a table.")
    var json = false

    @Argument(help: ArgumentHelp("Repeat every PERIOD seconds.", valueName: "PERIOD"))
    var period: String?

    @Argument(help: ArgumentHelp("End after COUNT times.", valueName: "COUNT"))
    var count: String?

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let limit = try postgres.limit()
        let period = try whole(period, "period")
        let count = try whole(count, "count")
        let defaults = wide ? PeerColumn.ofWideStatus : PeerColumn.ofStatus
        let table = try table.table(defaults)
        let loader = ClusterLoader(session: session, target: target)
        guard let period else {
            try await printOnce(loader, limit, table)
            return .success
        }
        var rounds = 0
        while true {
            rounds += 1
            let isLast = rounds == count
            do {
                try await printOnce(loader, limit, table)
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
        _ table: PeerTable
    ) async throws {
        let details = try await loader.load(askingPostgresWithin: limit)
        if json {
            let members = table.members(of: details)
            try loader.session.write(DetailsJSON.status(members, of: details))
            return
        }
        try loader.session.write(table.text(details))
        let issues = ClusterVerdict(details).issues
        guard !issues.isEmpty else { return }
        try loader.session.remark("\n" + issues.map { $0.line + "\n" }.joined())
    }

    private func whole(_ text: String?, _ what: String) throws(AdmFailure) -> Int? {
        guard let text else { return nil }
        guard let number = Int(text), number >= 1 else {
            throw AdmFailure.usage("invalid \(what): \"\(text)\"")
        }
        return number
    }
}

/// `verify`: whether anything is wrong, as lines and as an exit code.
struct VerifyCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify the health of the cluster.",
        usage: "manatee-adm verify [OPTIONS]"
    )

    @OptionGroup var shard: ShardOptions
    @OptionGroup var postgres: ProbeOptions

    @Flag(name: .shortAndLong, help: "Say so if nothing is wrong.")
    var verbose = false

    @Flag(help: "Print one line of JSON.")
    var json = false

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let limit = try postgres.limit()
        let verdict = ClusterVerdict(try await load(target, limit, session))
        if json {
            try session.write(DetailsJSON.verdict(verdict))
        } else {
            for issue in verdict.issues { try session.write(issue.line + "\n") }
            if verdict.isHealthy, verbose { try session.write("all checks passed\n") }
        }
        return verdict.isHealthy ? .success : .failure
    }

    private func load(
        _ target: ShardTarget,
        _ limit: Duration,
        _ session: AdmSession
    ) async throws -> ClusterDetails {
        do {
            return try await ClusterLoader(session: session, target: target).load(
                askingPostgresWithin: limit
            )
        } catch let failure as AdmFailure {
            try session.write("error: failed to fetch cluster state\n")
            throw failure
        }
    }
}
