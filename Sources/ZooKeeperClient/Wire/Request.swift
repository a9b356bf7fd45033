/// What a user asks of a server; paths are the client's.
enum Request: Hashable, Sendable {
    case create(CreateParameters)
    case delete(path: String, version: Int32?)
    case exists(path: String, watch: WatchID?)
    case getData(path: String, watch: WatchID?)
    case setData(path: String, data: [UInt8], version: Int32?)
    case getChildren(path: String, watch: WatchID?)
    case sync(path: String)
    case getACL(path: String)
    case setACL(path: String, acl: [ACL], version: Int32?)
    case multi([MultiOperation])
    case addWatch(path: String, scope: WatchScope, watch: WatchID)

    /// The operation's name, as errors print it.
    var name: String {
        switch self {
        case .create: "create"
        case .delete: "delete"
        case .exists: "exists"
        case .getData: "get"
        case .setData: "set"
        case .getChildren: "children"
        case .sync: "sync"
        case .getACL: "getACL"
        case .setACL: "setACL"
        case .multi: "multi"
        case .addWatch: "addWatch"
        }
    }

    /// The path that the request is about; nil if it is about several.
    var path: String? {
        switch self {
        case .create(let parameters): parameters.path
        case .delete(let path, _), .exists(let path, _), .getData(let path, _),
            .setData(let path, _, _), .getChildren(let path, _), .sync(let path),
            .getACL(let path), .setACL(let path, _, _), .addWatch(let path, _, _):
            path
        case .multi: nil
        }
    }

    /// The watch that a successful reply puts in place; nil if none.
    var watch: WatchID? {
        switch self {
        case .exists(_, let watch), .getData(_, let watch), .getChildren(_, let watch): watch
        case .addWatch(_, _, let watch): watch
        case .create, .delete, .setData, .sync, .getACL, .setACL, .multi: nil
        }
    }

    /// Checks what can be checked without a server.
    ///
    /// - Throws: `invalidPath` or `invalidArgument`.
    func validate() throws(ZooKeeperError) {
        switch self {
        case .create(let parameters):
            try parameters.validate()
        case .delete(let path, let version), .setData(let path, _, let version):
            try NodePath.validate(path)
            try Self.validate(version: version)
        case .setACL(let path, let acl, let version):
            try NodePath.validate(path)
            try Self.validate(version: version)
            guard !acl.isEmpty else {
                throw ZooKeeperError(code: .invalidArgument, detail: "the list has no entry")
            }
        case .exists(let path, _), .getData(let path, _), .getChildren(let path, _),
            .sync(let path), .getACL(let path), .addWatch(let path, _, _):
            try NodePath.validate(path)
        case .multi(let operations):
            for operation in operations {
                try operation.validate()
            }
        }
    }

    /// A negative version would mean "any" to a server, and so defeat the check it was meant for.
    static func validate(version: Int32?) throws(ZooKeeperError) {
        guard let version, version < 0 else { return }
        throw ZooKeeperError(code: .invalidArgument, detail: "version \(version) is negative")
    }
}

extension CreateParameters {
    func validate() throws(ZooKeeperError) {
        try NodePath.validate(path, sequential: mode.isSequential)
        switch mode {
        case .persistentWithTTL(let ttl), .persistentSequentialWithTTL(let ttl):
            guard ttl >= .milliseconds(1), ttl.wholeMilliseconds <= Self.maximumTTL else {
                throw ZooKeeperError(
                    code: .invalidArgument,
                    detail: "a time to live must be 1 to \(Self.maximumTTL) ms"
                )
            }
        case .persistent, .persistentSequential, .ephemeral, .ephemeralSequential, .container:
            break
        }
        guard !acl.isEmpty else {
            throw ZooKeeperError(code: .invalidArgument, detail: "the list has no entry")
        }
    }

    /// In milliseconds: what fits into the five bytes that a server has for it.
    private static let maximumTTL: Int64 = 0xff_ffff_ffff
}

extension MultiOperation {
    func validate() throws(ZooKeeperError) {
        switch kind {
        case .create(let parameters):
            try parameters.validate()
        case .set(let path, _, let version), .delete(let path, let version):
            try NodePath.validate(path)
            try Request.validate(version: version)
        case .check(let path, let version):
            try NodePath.validate(path)
            try Request.validate(version: version)
        }
    }
}
