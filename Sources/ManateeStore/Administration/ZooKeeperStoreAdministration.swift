import ManateePorts
import ZooKeeperClient

/// All of ZooKeeper, as far as an operator's tool looks at it.
struct ZooKeeperStoreAdministration: StoreAdministration {
    let client: ZooKeeperClient
    let accessList: [ACL]

    func shardNames() async throws(ShardAccessFailure) -> [String] {
        do {
            return try await client.children(of: ShardPaths.shards).names.sorted()
        } catch {
            if error.code == .noNode { return [] }
            throw ShardAccessFailure("cannot list \(ShardPaths.shards) in ZooKeeper: \(error)")
        }
    }

    func exists(_ path: String) async throws(ShardAccessFailure) -> Bool {
        do {
            try await client.sync(path)
            return try await client.exists(path) != nil
        } catch {
            throw ShardAccessFailure("cannot look for \(path) in ZooKeeper: \(error)")
        }
    }

    func shard(_ name: String) throws(ShardAccessFailure) -> any ShardAdministration {
        do {
            return shard(try ShardPaths(shard: name))
        } catch {
            throw ShardAccessFailure("\(error)")
        }
    }

    func shard(_ paths: ShardPaths) -> ZooKeeperShardAdministration {
        ZooKeeperShardAdministration(client: client, paths: paths, accessList: accessList)
    }
}
