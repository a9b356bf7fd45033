import Logging
import ManateeClient
import ManateeConfiguration
import ManateeDaemon
import ZooKeeperClient

/// `--check`, when the file is as it must be: whether ZooKeeper knows the shard.
struct ProxyCheck {
    private let settings: ProxySettings
    /// How long ZooKeeper is waited for.
    private static let patience = Duration.seconds(10)

    init(_ settings: ProxySettings) {
        self.settings = settings
    }

    func run() async throws {
        let silent = Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }
        let path = settings.shardPath
        let primary: Primary
        do {
            primary = try await ManateeClient.withClient(settings.store(), logger: silent) {
                try await $0.shard(path).primary(within: Self.patience)
            }
        } catch let error as ManateeClientError {
            throw ProgramFailure(
                error.code == .noPrimary || error.code == .credentialsRefused
                    ? .storeUnreachable : .configuration,
                "\(error.message)\nto mend it: start ZooKeeper and the shard, or correct "
                    + "zookeeper.servers and shardPath"
            )
        }
        print(
            "the configuration is valid, and the shard's primary is \(primary.server.host):"
                + "\(primary.server.port) in generation \(primary.token)"
        )
    }
}
