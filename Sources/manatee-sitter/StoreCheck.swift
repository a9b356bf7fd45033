import Logging
import ManateeConfiguration
import ManateeDaemon
import ManateeStore

/// `--check`, when file and host are as they must be: whether ZooKeeper can be used.
struct StoreCheck {
    private let settings: SitterSettings

    init(_ settings: SitterSettings) {
        self.settings = settings
    }

    /// Opens a session and ends it.
    func run() async throws(ProgramFailure) {
        let store = try settings.store()
        let shards = ZooKeeperShards(
            credentials: store.credentials,
            encryption: store.encryption,
            logger: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }
        )
        let shard = settings.shardPath.split(separator: "/").last.map(String.init) ?? "check"
        do {
            try await shards.withShard(shard, at: settings.zooKeeper.servers) { _ in }
        } catch let failure as StoreFailure {
            throw ProgramFailure(ending: failure)
        } catch {
            let seen = await ServerProbe(settings.zooKeeper.servers).look()
            throw ProgramFailure(
                .storeUnreachable,
                "\(error)\n" + seen.map { "  \($0)\n" }.joined()
                    + "to mend it: start the servers, or correct zookeeper.servers"
            )
        }
        print("the configuration is valid, this host is as it must be, and ZooKeeper answers")
    }
}
