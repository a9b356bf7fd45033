import ArgumentParser
import Logging
import ManateeClient
import ManateeConfiguration
import ManateeDaemon
import ZooKeeperClient

/// Prints the address of a shard's primary, for scripts; successor of node-manatee's program.
@main
struct PrimaryIPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manatee-primary-ip",
        abstract: "Prints the address of a shard's primary.",
        discussion: """
            The shard is the last object in the JSON file, at any depth, that has both `path` and `zk`, as \
            the configurations of programs that use a Manatee shard have it. Before the shard has declared \
            a primary, the first peer of the election is printed.

            Exit status:
            \(ExitStatus.table)
            """
    )

    @Argument(help: "The configuration of a program that uses the shard.")
    var config: String

    @Option(help: "How many seconds to wait for ZooKeeper.")
    var timeout: Int = 10

    /// Runs the command, and leaves with a status of `ExitStatus`.
    static func main() async { await Program.main(Self.self) }

    func validate() throws {
        guard timeout > 0 else { throw ValidationError("--timeout must be at least 1") }
    }

    func run() async throws { print(try await address()) }

    /// The host of the first server in the shard's topology.
    private func address() async throws -> String {
        let settings: OriginalClientSettings
        var configuration: ZooKeeperConfiguration
        do {
            settings = try OriginalClientSettings.load(config)
            configuration = try ZooKeeperConfiguration(settings.servers)
        } catch {
            throw ProgramFailure(.configuration, "\(error)")
        }
        if let timeout = settings.sessionTimeout { configuration.sessionTimeout = timeout }
        let silent = Logger(label: "manatee-primary-ip") { _ in SwiftLogNoOpLogHandler() }
        return try await ManateeClient.withClient(configuration, logger: silent) { client in
            let shard = try client.shard(settings.path)
            return try await firstHost(of: shard, at: settings.servers)
        }
    }

    private func firstHost(of shard: Shard, at servers: String) async throws -> String {
        try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask {
                for await topology in shard.topologies {
                    guard let first = topology.servers.first else {
                        throw ProgramFailure(
                            .failure,
                            "the shard \(shard.path) has no peers; is it the right path?"
                        )
                    }
                    return first.host
                }
                throw CancellationError()
            }
            group.addTask {
                for await status in shard.statuses {
                    switch status {
                    case .refused(let detail), .unreadable(let detail):
                        throw ProgramFailure(.failure, "\(shard.path): \(detail)")
                    case .starting, .following, .disconnected, .wentBack, .ended: continue
                    }
                }
                throw CancellationError()
            }
            group.addTask {
                try await Task.sleep(for: .seconds(timeout))
                var seen = "no answer"
                if case .disconnected(let detail) = shard.status { seen = detail }
                throw ProgramFailure(
                    .storeUnreachable,
                    "ZooKeeper at \(servers) was not reached within \(timeout) s: \(seen)"
                )
            }
            defer { group.cancelAll() }
            guard let host = try await group.next() else { throw CancellationError() }
            return host
        }
    }
}
