import ArgumentParser
import ManateeCore
import ManateeWire

/// `dsn`: connection strings for applications, from the cluster state.
struct DSNCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "dsn",
        abstract: "Print libpq connection strings that name all peers.",
        usage: "manatee-adm dsn [OPTIONS]"
    )

    @Option(
        name: [.customShort("U"), .long],
        help: ArgumentHelp("The role to connect as (default: libpq's).", valueName: "USER")
    )
    var user: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The database (default: libpq's).", valueName: "DATABASE")
    )
    var database: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Print only the string for \"read-write\" or \"read-only\".",
            valueName: "MODE"
        )
    )
    var mode: String?

    @OptionGroup var shard: ShardOptions

    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let isJSON = try output.isJSON()
        let isKnown = [nil, "read-write", "read-only"].contains(mode)
        guard isKnown else {
            throw AdmFailure.usage("unsupported value for --mode: \"\(mode ?? "")\"")
        }
        let details = try await ClusterLoader(session: session, target: target).load(
            askingPostgresWithin: nil
        )
        let strings = ConnectionStrings(
            chain: details.state.chain,
            user: user,
            database: database
        )
        let wanted = [("read-write", strings.readWrite), ("read-only", strings.readOnly)]
            .filter { mode == nil || mode == $0.0 }
        if isJSON {
            let fields = wanted.map { (Self.field($0.0), JSONValue.string($0.1)) }
            let object = JSONValue.object(Dictionary(uniqueKeysWithValues: fields))
            try session.write(JSONText.text(object) + "\n")
        } else {
            for (name, text) in wanted {
                try session.write((mode == nil ? "\(name): " : "") + text + "\n")
            }
        }
        return .success
    }

    private static func field(_ mode: String) -> String {
        mode == "read-write" ? "readWrite" : "readOnly"
    }
}
