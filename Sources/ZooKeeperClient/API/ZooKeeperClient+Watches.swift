extension ZooKeeperClient {
    /// Reads a node's data and watches for its next change: a write or the deletion.
    ///
    /// - Throws: ``ZooKeeperError``, such as `noNode`: then nothing is watched.
    public func watchData(_ path: String) async throws(ZooKeeperError) -> Watched<NodeData> {
        let (response, handle) = try await performWatching(path, isOneShot: true) {
            .getData(path: path, watch: $0)
        }
        guard case .data(let node) = response else { unexpectedReply() }
        return Watched(value: node, watch: Watch(handle: handle))
    }

    /// Looks whether a node exists and watches for the next change: its creation, a write or the
    /// deletion.
    public func watchExistence(_ path: String) async throws(ZooKeeperError) -> Watched<Stat?> {
        let (response, handle) = try await performWatching(path, isOneShot: true) {
            .exists(path: path, watch: $0)
        }
        guard case .existence(let stat) = response else { unexpectedReply() }
        return Watched(value: stat, watch: Watch(handle: handle))
    }

    /// Lists a node's children and watches for the next change: a child added or removed, or the
    /// node's deletion.
    ///
    /// - Throws: ``ZooKeeperError``, such as `noNode`: then nothing is watched.
    public func watchChildren(
        of path: String
    ) async throws(ZooKeeperError) -> Watched<NodeChildren> {
        let (response, handle) = try await performWatching(path, isOneShot: true) {
            .getChildren(path: path, watch: $0)
        }
        guard case .children(let children) = response else { unexpectedReply() }
        return Watched(value: children, watch: Watch(handle: handle))
    }

    /// Watches a node, or all of a subtree, with a persistent watch; the node need not exist.
    ///
    /// Servers before 3.6 do not know persistent watches.
    ///
    /// - Returns: Every event after this call, in order; see ``WatchEvents`` for the gaps.
    public func events(
        at path: String,
        scope: WatchScope
    ) async throws(ZooKeeperError) -> WatchEvents {
        let (_, handle) = try await performWatching(path, isOneShot: false) {
            .addWatch(path: path, scope: scope, watch: $0)
        }
        return WatchEvents(handle: handle)
    }

    /// A node's data, now and after each change; nil while the node does not exist.
    public func values(at path: String) -> Follow<NodeData?> {
        Follow { () async throws(ZooKeeperError) -> Watched<NodeData?> in
            while true {
                do throws(ZooKeeperError) {
                    let watched = try await self.watchData(path)
                    return Watched(value: watched.value, watch: watched.watch)
                } catch {
                    guard error.code == .noNode else { throw error }
                    let watched = try await self.watchExistence(path)
                    guard watched.value != nil else {
                        return Watched(value: nil, watch: watched.watch)
                    }
                    // Created in between: read it.
                }
            }
        }
    }

    /// The names of a node's children, now and after each change; nil while the node does not exist.
    public func childNames(of path: String) -> Follow<[String]?> {
        Follow { () async throws(ZooKeeperError) -> Watched<[String]?> in
            while true {
                do throws(ZooKeeperError) {
                    let watched = try await self.watchChildren(of: path)
                    return Watched(value: watched.value.names.sorted(), watch: watched.watch)
                } catch {
                    guard error.code == .noNode else { throw error }
                    let watched = try await self.watchExistence(path)
                    guard watched.value != nil else {
                        return Watched(value: nil, watch: watched.watch)
                    }
                    // Created in between: list it.
                }
            }
        }
    }
}
