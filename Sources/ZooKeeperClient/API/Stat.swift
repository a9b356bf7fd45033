/// A transaction's number: the order in which an ensemble changed its tree.
public struct Zxid: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number in the protocol: the epoch in the upper, a counter in the lower 32 bits.
    public let rawValue: Int64

    /// The transaction with this number.
    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// Whether `left` was before `right`.
    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The number in hexadecimal, as server logs print it.
    public var description: String { "0x" + String(UInt64(bitPattern: rawValue), radix: 16) }
}

/// A session's number, unique in an ensemble.
public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    /// The number in the protocol.
    public let rawValue: Int64

    /// The session with this number.
    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The number in hexadecimal, as server logs print it.
    public var description: String { "0x" + String(UInt64(bitPattern: rawValue), radix: 16) }
}

/// What a server knows about a node besides its data.
public struct Stat: Hashable, Sendable {
    /// The transaction that created the node.
    public var created: Zxid
    /// The transaction that last wrote the data.
    public var modified: Zxid
    /// The transaction that last added or removed a child.
    public var childrenModified: Zxid
    /// When the node was created: time since 1970 by the leader's clock, to the millisecond.
    public var creationTime: Duration
    /// When the data was last written: time since 1970 by the leader's clock, to the millisecond.
    public var modificationTime: Duration
    /// How often the data was written: 0 after creation.
    public var version: Int32
    /// How often children were added or removed.
    public var childrenVersion: Int32
    /// How often the access control list was written.
    public var aclVersion: Int32
    /// The session that an ephemeral node goes with; nil for other nodes.
    public var ephemeralOwner: SessionID?
    /// The length of the data in bytes.
    public var dataLength: Int
    /// The number of children.
    public var childCount: Int

    /// A stat of its parts, for tests of programs that use this library.
    public init(
        created: Zxid = Zxid(0),
        modified: Zxid = Zxid(0),
        childrenModified: Zxid = Zxid(0),
        creationTime: Duration = .zero,
        modificationTime: Duration = .zero,
        version: Int32 = 0,
        childrenVersion: Int32 = 0,
        aclVersion: Int32 = 0,
        ephemeralOwner: SessionID? = nil,
        dataLength: Int = 0,
        childCount: Int = 0
    ) {
        self.created = created
        self.modified = modified
        self.childrenModified = childrenModified
        self.creationTime = creationTime
        self.modificationTime = modificationTime
        self.version = version
        self.childrenVersion = childrenVersion
        self.aclVersion = aclVersion
        self.ephemeralOwner = ephemeralOwner
        self.dataLength = dataLength
        self.childCount = childCount
    }
}
