import Foundation
import Glibc
import ManateeLocal
import ManateePostgres

/// A primary with one synchronous standby that nobody manages, with the settings of a managed one.
///
/// It runs on two nodes of its own; what is compared with it is what managing costs.
actor PlainReplication {
    private let primary: Node
    private let standby: Node
    private let binaries: String
    private var servers: [ChildProcess] = []
    private static let superuser = "postgres"

    /// Two servers of PostgreSQL's programs in `binaries`.
    init(primary: Node, standby: Node, binaries: String) {
        self.primary = primary
        self.standby = standby
        self.binaries = binaries
    }

    /// Where clients connect.
    nonisolated var address: String { primary.address }

    private nonisolated func data(_ node: Node) -> String { node.directory + "/data" }
    private nonisolated func socket(_ node: Node) -> String { node.directory + "/socket" }

    /// Makes and starts both, with `settings` (names and values of `pg_settings`).
    func start(settings: [(name: String, value: String)]) async throws {
        for node in [primary, standby] {
            try FileManager.default.createDirectory(
                atPath: socket(node),
                withIntermediateDirectories: true
            )
            try giveToPostgres(node.directory)
            try giveToPostgres(socket(node))
        }
        try await asPostgres(
            primary,
            ["initdb", "-D", data(primary), "-k", "-E", "UTF8", "-A", "trust"]
        )
        var text = settings.map { "\($0.name) = '\($0.value.replacing("'", with: "''"))'\n" }
            .joined()
        text += "listen_addresses = '*'\nport = \(Port.postgres)\n"
        try write(text, to: data(primary) + "/postgresql.conf")
        let access = """
            local all all trust
            host all all \(Lab.subnet) trust
            host replication all \(Lab.subnet) trust

            """
        try write(access, to: data(primary) + "/pg_hba.conf")
        try await serve(primary)
        try await ready(primary)
        try await asPostgres(
            standby,
            [
                "pg_basebackup", "-D", data(standby), "-c", "fast", "-R", "-d",
                "host=\(primary.address) user=\(Self.superuser) application_name=plain",
            ]
        )
        try await serve(standby)
        let session = try await superuser()
        _ = try await session.query("ALTER SYSTEM SET synchronous_standby_names = 'plain'")
        _ = try await session.query("SELECT pg_reload_conf()")
        try await Waiting.until("the plain standby to be synchronous", within: .seconds(30)) {
            let rows = try await session.query("SELECT sync_state FROM pg_stat_replication")
            return rows.first?[0] == "sync" ? .there(()) : .notYet("\(rows)")
        }
        await session.close()
    }

    /// Opens a session as superuser on the primary.
    func superuser() async throws(PostgresError) -> PostgresConnection {
        try await PostgresConnection.open(
            ConnectionTarget(
                host: socket(primary),
                port: Port.postgres,
                user: Self.superuser,
                credential: .operatingSystem
            )
        )
    }

    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try giveToPostgres(path)
    }

    private func ready(_ node: Node) async throws {
        try await Waiting.until(
            "the plain server",
            within: .seconds(60),
            tail: { LogTail.text([node.directory + "/postgres.log"]) }
        ) {
            do {
                await (try superuser()).close()
                return .there(())
            } catch let error as PostgresError {
                return .notYet("\(error)")
            }
        }
    }

    private func serve(_ node: Node) async throws {
        servers.append(
            try await ChildProcess.start(
                .init(
                    program: ipProgram,
                    arguments: node.launching(
                        identity + [
                            binaries + "/postgres", "-D", data(node), "-k", socket(node),
                        ]
                    ),
                    logFile: node.directory + "/postgres.log"
                )
            )
        )
    }

    private func asPostgres(_ node: Node, _ command: [String]) async throws {
        let program = [binaries + "/" + command[0]]
        try await Tool.run("ip", node.launching(identity + program + command.dropFirst()))
    }

    private var identity: [String] {
        ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--"]
    }
}
