import Foundation
import ManateeCore
import ManateeLocal
import ManateePorts
import ManateeWire
import Testing
import ZooKeeperClient

@testable import ManateeStore

/// A shard of its own in the suite's real ZooKeeper server.
struct ZooKeeperWorld: StoreWorld {
    /// Short, so that an expiry does not take long, but more than the servers' least.
    static let sessionTimeout = Duration.seconds(2)

    let name = "contract-\(UUID().uuidString.prefix(8))"
    let running: RunningStore

    init() throws { running = try RunningStore.shared() }

    var root: String { "/manatee/\(name)" }
    var server: ZooKeeperServer { running.ensemble.servers[0] }

    func withStore<Value>(
        for peer: Peer,
        _ body: (any CoordinationStore, any StoreLink) async throws -> Value
    ) async throws -> Value {
        try await Relay.with(target: server.settings.clientPort) { relay in
            let settings = StoreSettings(
                servers: "127.0.0.1:\(relay.port)",
                sessionTimeout: Self.sessionTimeout
            )
            // A slash at the end is tolerated, as by the original.
            return try await body(try shard(for: peer, settings, path: root + "/"), relay)
        }
    }

    func shard(
        for peer: Peer,
        _ settings: StoreSettings,
        path: String? = nil
    ) throws -> ZooKeeperShard {
        try ZooKeeperShard(settings: settings, path: path ?? root, peer: peer, logger: .quiet)
    }

    func overwriteState(_ data: [UInt8]) async throws {
        try await running.withClient { try await $0.set("\(root)/state", data: data, version: nil) }
    }

    func removeState() async throws {
        try await running.withClient { try await $0.delete("\(root)/state", version: nil) }
    }

    func storedState() async throws -> [UInt8]? {
        try await running.withClient { try await $0.latest("\(root)/state")?.data }
    }

    func history() async throws -> [(prefix: String, data: [UInt8])] {
        try await running.withClient { client in
            var entries: [(prefix: String, data: [UInt8])] = []
            let names = try await client.children(of: "\(root)/history").names
            for name in names.sorted(by: { $0.suffix(10) < $1.suffix(10) }) {
                let data = try await client.get("\(root)/history/\(name)").data
                entries.append((String(name.dropLast(11)), data))
            }
            return entries
        }
    }

    func kill() async throws { await server.kill() }

    func start() async throws { try await server.start() }

    func freeze() async throws { await server.freeze() }

    /// The election's entries: names and data.
    func election() async throws -> [String: [UInt8]] {
        try await running.withClient { client in
            var entries: [String: [UInt8]] = [:]
            for name in try await client.children(of: "\(root)/election").names {
                entries[name] = try await client.get("\(root)/election/\(name)").data
            }
            return entries
        }
    }
}

extension Relay: StoreLink {
    func cut() { set(.cut) }
    func loseReplies() { set(.swallowReplies) }
    func heal() { set(.open) }
}
