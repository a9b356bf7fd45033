import Logging
import ManateeCore
import ManateeWire
import ZooKeeperClient

/// A peer's entry in the election: one for each session, gone with it.
struct Candidacy: Sendable {
    let client: ZooKeeperClient
    let paths: ShardPaths
    let accessList: [ACL]
    let peer: Peer
    let logger: Logger
    /// What the entry says of a lack of room; nil if there is none.
    var shortage: @Sendable () -> String? = { nil }

    /// Makes sure that the peer stands for election in this session, exactly once.
    ///
    /// An entry of an earlier session is not touched: the store removes it when that session ends,
    /// and until then the newer entry counts. Entries of this session are looked for first, because
    /// the answer to an earlier attempt may have been lost.
    ///
    /// - Returns: the name of the entry.
    func stand() async throws(ZooKeeperError) -> ElectionName {
        try await client.makeDirectory(paths.election, below: paths.root, acl: accessList)
        try await client.makeDirectory(paths.history, below: paths.root, acl: accessList)
        let own = try await ownEntries()
        for surplus in own.dropFirst() { try await withdraw(surplus) }
        let data = ElectionNodeJSON.encode(peer, shortage: shortage())
        if let entry = own.first {
            if try await client.get("\(paths.election)/\(entry)").data == data { return entry }
            try await withdraw(entry)
        }
        let node = try await client.create(
            paths.electionPrefix(for: peer.id),
            data: data,
            mode: .ephemeralSequential,
            acl: accessList
        )
        let created = node.path.dropFirst(paths.election.count + 1)
        guard let name = ElectionName(created) else {
            throw ZooKeeperError(
                code: .malformedReply,
                operation: "create",
                path: node.path,
                detail: "no number follows the name"
            )
        }
        logger.info("Stands for election", metadata: ["election.entry": "\(name)"])
        return name
    }

    /// Removes the entries of this session, so that the follower sees that one is missing and stands
    /// anew with what is to be said now.
    func renew() async throws(ZooKeeperError) {
        for entry in try await ownEntries() { try await withdraw(entry) }
    }

    /// The entries that this session made, oldest first.
    private func ownEntries() async throws(ZooKeeperError) -> [ElectionName] {
        let names = try await client.children(of: paths.election).names
        let candidates = names.compactMap { ElectionName($0) }
            .filter { $0.id == peer.id }
            .sorted { $0.sequence < $1.sequence }
        var own: [ElectionName] = []
        for name in candidates {
            let stat = try await client.exists("\(paths.election)/\(name)")
            if let owner = stat?.ephemeralOwner, owner == client.status.sessionID {
                own.append(name)
            }
        }
        return own
    }

    private func withdraw(_ name: ElectionName) async throws(ZooKeeperError) {
        do {
            try await client.delete("\(paths.election)/\(name)", version: nil)
        } catch {
            guard error.code == .noNode else { throw error }
        }
    }
}
