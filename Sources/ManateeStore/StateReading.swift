import ManateeCore
import ManateeWire
import ZooKeeperClient

/// What is at the path of the cluster state.
enum StateReading: Sendable {
    case absent
    case readable(VersionedState)
    /// What is there cannot be understood, and why.
    case unreadable(String)

    init(_ node: NodeData?) {
        guard let node else {
            self = .absent
            return
        }
        do {
            self = .readable(
                VersionedState(
                    try ClusterStateJSON.decode(node.data),
                    version: StateVersion(Int64(node.stat.version))
                )
            )
        } catch {
            self = .unreadable(error.description)
        }
    }
}

extension ZooKeeperClient {
    /// Reads the node behind everything that was committed before; nil if it does not exist.
    func latest(_ path: String) async throws(ZooKeeperError) -> NodeData? {
        try await sync(path)
        do {
            return try await get(path)
        } catch {
            guard error.code == .noNode else { throw error }
            return nil
        }
    }

    /// Creates a directory where none is, with those above it.
    ///
    /// - Parameters:
    ///   - path: the directory.
    ///   - root: from here on down the directories get `acl`; those above are open, because they
    ///     belong to others as well.
    ///   - acl: who may do what.
    /// - Throws: `ZooKeeperError`, such as `notAuthorized`.
    func makeDirectory(
        _ path: String,
        below root: String,
        acl: [ACL]
    ) async throws(ZooKeeperError) {
        guard try await exists(path) == nil else { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try await makeDirectory(String(path[..<slash]), below: root, acl: acl)
        }
        do {
            try await create(path, acl: path.hasPrefix(root) ? acl : .open)
        } catch {
            // Somebody else was quicker.
            guard error.code == .nodeExists else { throw error }
        }
    }
}
