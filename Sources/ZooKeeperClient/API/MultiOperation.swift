/// One step of a transaction.
public struct MultiOperation: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case create(CreateParameters)
        case set(path: String, data: [UInt8], version: Int32?)
        case delete(path: String, version: Int32?)
        case check(path: String, version: Int32)
    }

    let kind: Kind

    /// Creates a node.
    public static func create(
        _ path: String,
        data: [UInt8] = [],
        mode: CreateMode = .persistent,
        acl: [ACL] = .open
    ) -> Self {
        Self(kind: .create(CreateParameters(path: path, data: data, mode: mode, acl: acl)))
    }

    /// Writes a node's data if its version is `version` (nil: whatever it is).
    public static func set(_ path: String, data: [UInt8], version: Int32?) -> Self {
        Self(kind: .set(path: path, data: data, version: version))
    }

    /// Deletes a node if its version is `version` (nil: whatever it is).
    public static func delete(_ path: String, version: Int32?) -> Self {
        Self(kind: .delete(path: path, version: version))
    }

    /// Does nothing, but lets the transaction fail if the node's version is not `version`.
    public static func check(_ path: String, version: Int32) -> Self {
        Self(kind: .check(path: path, version: version))
    }

    /// The path that the operation is about.
    public var path: String {
        switch kind {
        case .create(let parameters): parameters.path
        case .set(let path, _, _), .delete(let path, _), .check(let path, _): path
        }
    }

    /// The operation's name, as errors print it.
    var name: String {
        switch kind {
        case .create: "create"
        case .set: "set"
        case .delete: "delete"
        case .check: "check"
        }
    }
}

/// What creating a node takes.
struct CreateParameters: Hashable, Sendable {
    var path: String
    var data: [UInt8]
    var mode: CreateMode
    var acl: [ACL]
}

/// What became of one step of a transaction.
public enum MultiOperationResult: Hashable, Sendable {
    /// The node was created; for a sequential node, the path has its number.
    case created(path: String)
    /// The data was written.
    case set(Stat)
    /// The node was deleted.
    case deleted
    /// The version was the expected one.
    case checked
    /// The step would have succeeded, but was undone because a later one failed.
    case rolledBack
    /// This step failed, and the transaction with it.
    case failed(ZooKeeperError)
    /// The step was not looked at because an earlier one failed.
    case notAttempted
}

/// What became of a transaction: all of its steps were carried out, or none.
public struct MultiResult: Hashable, Sendable {
    /// One result for each operation, in their order.
    public var results: [MultiOperationResult]

    /// A value of its parts.
    public init(results: [MultiOperationResult]) {
        self.results = results
    }

    /// The first failure and the index of its operation; nil if the transaction was carried out.
    public var failure: (index: Int, error: ZooKeeperError)? {
        for (index, result) in results.enumerated() {
            if case .failed(let error) = result {
                return (index, error)
            }
        }
        return nil
    }

    /// Whether the transaction was carried out.
    public var isCommitted: Bool {
        !results.contains { result in
            switch result {
            case .failed, .rolledBack, .notAttempted: true
            case .created, .set, .deleted, .checked: false
            }
        }
    }

    /// The results of a transaction that was carried out.
    ///
    /// - Throws: The first failure of one that was not.
    public func get() throws(ZooKeeperError) -> [MultiOperationResult] {
        if let failure {
            throw failure.error
        }
        return results
    }
}
