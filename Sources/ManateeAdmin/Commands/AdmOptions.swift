import ArgumentParser

/// A command of the tool.
protocol AdmSubcommand: ParsableCommand {
    /// Carries the command out.
    ///
    /// - Throws: `AdmFailure` or `OutputFailure`.
    func execute(in session: AdmSession) async throws -> AdmExit
}

/// The options that say which shard a command is about.
struct ShardOptions: ParsableArguments {
    @Option(
        name: [.customShort("s"), .long],
        help: ArgumentHelp("Name of the Manatee shard (cluster). [$SHARD]", valueName: "SHARD")
    )
    var shard: String?

    @OptionGroup var store: StoreOptions

    func target(in session: AdmSession) throws(AdmFailure) -> ShardTarget {
        guard let target = try optionalTarget(in: session) else {
            throw AdmFailure.usage("option is required: --shard")
        }
        return target
    }

    /// The shard; nil if none is named.
    func optionalTarget(in session: AdmSession) throws(AdmFailure) -> ShardTarget? {
        guard let shard = session.value(of: shard, orEnvironment: "SHARD") else { return nil }
        let store = try store.target(in: session)
        guard !shard.contains("/"), shard != ".", shard != ".." else {
            throw AdmFailure.usage("shard is a name, not a path: \"\(shard)\"")
        }
        return ShardTarget(store: store, shard: shard)
    }
}

/// The options that say where the store is.
struct StoreOptions: ParsableArguments {
    @Option(
        name: [.customShort("z"), .long],
        help: ArgumentHelp(
            "The zookeeper connection string, e.g. 127.0.0.1:2181. [$ZK_IPS]",
            valueName: "ZK_IPS"
        )
    )
    var zk: String?

    @Option(
        name: [.customShort("c"), .long],
        help: ArgumentHelp(
            "A sitter's configuration, for the ways to prove who one is. "
                + "[$MANATEE_SITTER_CONFIG]",
            valueName: "CONFIG"
        )
    )
    var config: String?

    func target(in session: AdmSession) throws(AdmFailure) -> StoreTarget {
        guard let servers = session.value(of: zk, orEnvironment: "ZK_IPS") else {
            throw AdmFailure.usage("option is required: --zk")
        }
        return StoreTarget(servers: servers, configurationPath: configurationPath(in: session))
    }

    func configurationPath(in session: AdmSession) -> String? {
        session.value(of: config, orEnvironment: "MANATEE_SITTER_CONFIG")
    }
}

/// The options that say how postgres is asked.
struct ProbeOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Seconds that each postgres has to answer.", valueName: "SECONDS")
    )
    var timeout = 1.0

    func limit() throws(AdmFailure) -> Duration {
        guard timeout > 0, timeout <= 3600 else {
            throw AdmFailure.usage("invalid timeout: \"\(timeout)\"")
        }
        return .seconds(timeout)
    }
}

/// The options that choose the rows and columns of a peers table.
struct TableOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp(
            "Columns to print; may be repeated. \"json\" prints JSON.",
            valueName: "COLNAME[,...]"
        )
    )
    var columns: [String] = []

    @Option(help: ArgumentHelp("Print \"text\" (default) or \"json\".", valueName: "FORMAT"))
    var output: String?

    @Flag(name: .shortAndLong, help: "The same as --output json.")
    var json = false

    @Flag(
        name: [.customShort("H"), .customLong("omitHeader")],
        help: "Omit header row from output."
    )
    var omitHeader = false

    @Option(
        name: [.customShort("r"), .long],
        help: ArgumentHelp("Only show peers with role ROLE.", valueName: "ROLE")
    )
    var role: String?

    func table(_ defaults: [PeerColumn]) throws(AdmFailure) -> PeerTable {
        PeerTable(columns: try chosen(defaults), role: try chosenRole(), omitHeader: omitHeader)
    }

    /// Whether JSON is wanted: `-o` has named columns for long, so there `json` stands among them.
    func isJSON() throws(AdmFailure) -> Bool {
        let isChosen = try OutputFormat.isJSON(output)
        return json || isChosen || columns.contains(OutputFormat.json.rawValue)
    }

    private func chosenRole() throws(AdmFailure) -> MemberRole? {
        guard let role, !role.isEmpty else { return nil }
        guard let chosen = MemberRole(rawValue: role) else {
            throw AdmFailure.usage("unsupported value for --role: \"\(role)\"")
        }
        return chosen
    }

    private func chosen(_ defaults: [PeerColumn]) throws(AdmFailure) -> [PeerColumn] {
        let named = columns.filter { $0 != OutputFormat.json.rawValue }
        if named.isEmpty { return defaults }
        var chosen: [PeerColumn] = []
        for name in named.flatMap({ $0.split(separator: ",") }) {
            guard let column = PeerColumn(name: String(name)) else {
                throw AdmFailure.usage("unsupported column: \"\(name)\"")
            }
            chosen.append(column)
        }
        if chosen.isEmpty { throw AdmFailure.usage("no columns selected") }
        return chosen
    }
}
