extension ZooKeeperClient {
    /// Creates a node.
    ///
    /// - Parameters:
    ///   - path: Where; its parent must exist. For a sequential node, what the digits follow.
    ///   - data: The node's bytes; about 1 MB at most.
    ///   - mode: How long the node lives, and how it is named.
    ///   - acl: Who may do what; at least one entry.
    /// - Returns: The node's path, with its number if it is sequential, and its stat.
    /// - Throws: ``ZooKeeperError``, such as `nodeExists` or `noNode` (there is no parent).
    @discardableResult
    public func create(
        _ path: String,
        data: [UInt8] = [],
        mode: CreateMode = .persistent,
        acl: [ACL] = .open
    ) async throws(ZooKeeperError) -> CreatedNode {
        let parameters = CreateParameters(path: path, data: data, mode: mode, acl: acl)
        guard case .created(let node) = try await perform(.create(parameters)) else {
            unexpectedReply()
        }
        return node
    }

    /// Reads a node's data.
    ///
    /// - Throws: ``ZooKeeperError``, such as `noNode`.
    public func get(_ path: String) async throws(ZooKeeperError) -> NodeData {
        guard case .data(let node) = try await perform(.getData(path: path, watch: nil)) else {
            unexpectedReply()
        }
        return node
    }

    /// Writes a node's data.
    ///
    /// - Parameters:
    ///   - path: The node.
    ///   - data: Its new bytes; about 1 MB at most.
    ///   - version: The version that the node must have, 0 or more; nil if any will do.
    /// - Returns: The node's stat after the write.
    /// - Throws: ``ZooKeeperError``, such as `noNode` or `badVersion`.
    @discardableResult
    public func set(
        _ path: String,
        data: [UInt8],
        version: Int32?
    ) async throws(ZooKeeperError) -> Stat {
        let request = Request.setData(path: path, data: data, version: version)
        guard case .stat(let stat) = try await perform(request) else { unexpectedReply() }
        return stat
    }

    /// Deletes a node without children.
    ///
    /// - Parameters:
    ///   - path: The node.
    ///   - version: The version that the node must have, 0 or more; nil if any will do.
    /// - Throws: ``ZooKeeperError``, such as `noNode`, `badVersion` or `notEmpty`.
    public func delete(_ path: String, version: Int32?) async throws(ZooKeeperError) {
        _ = try await perform(.delete(path: path, version: version))
    }

    /// Looks whether a node exists.
    ///
    /// - Returns: The node's stat; nil if it does not exist.
    public func exists(_ path: String) async throws(ZooKeeperError) -> Stat? {
        guard case .existence(let stat) = try await perform(.exists(path: path, watch: nil)) else {
            unexpectedReply()
        }
        return stat
    }

    /// Lists a node's children.
    ///
    /// - Throws: ``ZooKeeperError``, such as `noNode`.
    public func children(of path: String) async throws(ZooKeeperError) -> NodeChildren {
        let request = Request.getChildren(path: path, watch: nil)
        guard case .children(let children) = try await perform(request) else { unexpectedReply() }
        return children
    }

    /// Lets the server in use catch up with the leader: reads after it see all that was committed
    /// before it.
    public func sync(_ path: String = "/") async throws(ZooKeeperError) {
        _ = try await perform(.sync(path: path))
    }

    /// Carries out all of `operations`, or none.
    ///
    /// - Returns: What became of each operation, also if the transaction failed: see
    ///   ``MultiResult/get()``.
    /// - Throws: ``ZooKeeperError`` if the transaction as a whole got no answer or no hearing.
    public func multi(_ operations: [MultiOperation]) async throws(ZooKeeperError) -> MultiResult {
        guard case .multi(let result) = try await perform(.multi(operations)) else {
            unexpectedReply()
        }
        return result
    }

    /// Looks whether a node has a certain version.
    ///
    /// - Throws: ``ZooKeeperError``, such as `noNode` or `badVersion`.
    public func check(_ path: String, version: Int32) async throws(ZooKeeperError) {
        _ = try await multi([.check(path, version: version)]).get()
    }

    /// Reads a node's access control list.
    ///
    /// - Throws: ``ZooKeeperError``, such as `noNode`.
    public func getACL(_ path: String) async throws(ZooKeeperError) -> NodeACL {
        guard case .acl(let acl) = try await perform(.getACL(path: path)) else { unexpectedReply() }
        return acl
    }

    /// Writes a node's access control list.
    ///
    /// - Parameters:
    ///   - path: The node.
    ///   - acl: Who may do what; at least one entry.
    ///   - aclVersion: The list's version (not the data's), 0 or more; nil if any will do.
    /// - Returns: The node's stat after the write.
    /// - Throws: ``ZooKeeperError``, such as `noNode`, `badVersion` or `invalidACL`.
    @discardableResult
    public func setACL(
        _ path: String,
        _ acl: [ACL],
        aclVersion: Int32?
    ) async throws(ZooKeeperError) -> Stat {
        let request = Request.setACL(path: path, acl: acl, version: aclVersion)
        guard case .stat(let stat) = try await perform(request) else { unexpectedReply() }
        return stat
    }

    /// The machine decodes each reply by its request, so another kind is a fault in this library.
    func unexpectedReply(function: StaticString = #function) -> Never {
        preconditionFailure("\(function) got the reply to another kind of request")
    }
}
