import Foundation
import Synchronization
package import ZooKeeperClient

/// What the client of Manatee 2 reads and watches, in its order, and what it tells from that.
///
/// It knows nothing of our own client, and reads the state with a general JSON parser, as the original
/// does: it stands for the programs that are in use.
package final class OriginalClient: Sendable {
    private struct State {
        /// Nil until it was looked for; then the node's data, or nil if there is no node.
        var state: [UInt8]??
        var election: [String]?
        var told: [[String]] = []
        var errors = 0
    }

    private let client: ZooKeeperClient
    private let path: String
    private let state = Mutex(State())

    /// A client of the shard at `path`; it reads nothing before ``run()``.
    package init(client: ZooKeeperClient, path: String) {
        self.client = client
        self.path = path
    }

    /// Every list of addresses that it told, in order.
    package var told: [[String]] { state.withLock { $0.told } }

    /// How often it told that the state is no JSON.
    package var errors: Int { state.withLock { $0.errors } }

    /// Reads and watches until the task is cancelled or the session ends.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.followState() }
            group.addTask { try await self.followElection() }
            try await group.next()
            group.cancelAll()
        }
    }

    /// An existence watch, and behind it a data watch as long as the node exists.
    private func followState() async throws {
        let path = self.path + "/state"
        while !Task.isCancelled {
            let existence = try await client.watchExistence(path)
            guard existence.value != nil else {
                note { $0.state = .some(nil) }
                _ = try await existence.watch.event()
                continue
            }
            do throws(ZooKeeperError) {
                let node = try await client.watchData(path)
                note { $0.state = .some(node.value.data) }
                _ = try await node.watch.event()
            } catch {
                guard error.code == .noNode else { throw error }
            }
        }
    }

    /// An existence watch, and behind it a children watch as long as the directory exists.
    private func followElection() async throws {
        let path = self.path + "/election"
        while !Task.isCancelled {
            let existence = try await client.watchExistence(path)
            guard existence.value != nil else {
                note { $0.election = [] }
                _ = try await existence.watch.event()
                continue
            }
            do throws(ZooKeeperError) {
                let children = try await client.watchChildren(of: path)
                note { $0.election = children.value.names }
                _ = try await children.watch.event()
            } catch {
                guard error.code == .noNode else { throw error }
            }
        }
    }

    private func note(_ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            guard let data = state.state, let election = state.election else { return }
            let urls: [String]
            if let data {
                guard let known = Self.urls(ofState: data) else {
                    state.errors += 1
                    return
                }
                urls = known
            } else {
                urls = Self.urls(ofElection: election)
            }
            // Told when the list differs from the last one only.
            if state.told.last != urls { state.told.append(urls) }
        }
    }

    /// Primary, sync and asyncs, absent ones skipped; nil if it is no JSON.
    private static func urls(ofState data: [UInt8]) -> [String]? {
        // What cannot be parsed gives nil, which the caller counts.
        let object = try? JSONSerialization.jsonObject(with: Data(data))
        guard let state = object as? [String: Any] else { return nil }
        let peers =
            [state["primary"], state["sync"]].map { $0 as? [String: Any] }
            + (state["async"] as? [[String: Any]] ?? []).map(Optional.some)
        return peers.compactMap { $0?["pgUrl"] as? String }
    }

    /// By sequence number, from the name alone.
    private static func urls(ofElection names: [String]) -> [String] {
        let entries = names.compactMap { name -> (id: Substring, sequence: Int)? in
            guard let dash = name.lastIndex(of: "-"),
                let sequence = Int(name[name.index(after: dash)...])
            else { return nil }
            return (name[..<dash], sequence)
        }
        return entries.sorted { $0.sequence < $1.sequence }.map { id, _ in
            let parts = id.split(separator: ":")
            return parts.count > 1 ? "tcp://\(parts[0]):\(parts[1])" : "tcp://\(parts[0])"
        }
    }
}
