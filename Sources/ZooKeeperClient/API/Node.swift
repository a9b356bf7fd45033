/// A node's data and stat, as of one moment.
public struct NodeData: Hashable, Sendable {
    /// The bytes of the node; empty if it was created without data.
    public var data: [UInt8]
    /// What the server knows besides.
    public var stat: Stat

    /// A value of its parts.
    public init(data: [UInt8], stat: Stat) {
        self.data = data
        self.stat = stat
    }
}

/// A node's children and stat, as of one moment.
public struct NodeChildren: Hashable, Sendable {
    /// The children's names without their parent's path, in no particular order.
    public var names: [String]
    /// What the server knows about the parent.
    public var stat: Stat

    /// A value of its parts.
    public init(names: [String], stat: Stat) {
        self.names = names
        self.stat = stat
    }
}

/// A node that was created.
public struct CreatedNode: Hashable, Sendable {
    /// The node's path; for a sequential node, with its number.
    public var path: String
    /// What the server knows about it.
    public var stat: Stat

    /// A value of its parts.
    public init(path: String, stat: Stat) {
        self.path = path
        self.stat = stat
    }
}

/// A node's access control list and stat, as of one moment.
public struct NodeACL: Hashable, Sendable {
    /// Who may do what.
    public var entries: [ACL]
    /// What the server knows besides; `aclVersion` is the version to expect when setting.
    public var stat: Stat

    /// A value of its parts.
    public init(entries: [ACL], stat: Stat) {
        self.entries = entries
        self.stat = stat
    }
}

/// How long a node lives, and how it is named.
public enum CreateMode: Hashable, Sendable {
    /// Lives until it is deleted.
    case persistent
    /// Lives until it is deleted; ten digits that grow are appended to its name.
    case persistentSequential
    /// Lives as long as the session.
    case ephemeral
    /// Lives as long as the session; ten digits that grow are appended to its name.
    case ephemeralSequential
    /// Is deleted by the server some time after its last child is gone.
    case container
    /// Is deleted if it has no children and was not written for so long (1 ms to about 348 years).
    /// The server must have extended types enabled.
    case persistentWithTTL(Duration)
    /// As `persistentWithTTL`, with ten digits appended to its name.
    case persistentSequentialWithTTL(Duration)

    /// Whether the server appends digits to the name.
    public var isSequential: Bool {
        switch self {
        case .persistentSequential, .ephemeralSequential, .persistentSequentialWithTTL: true
        case .persistent, .ephemeral, .container, .persistentWithTTL: false
        }
    }
}
