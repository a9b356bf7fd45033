/// Something that happened to a watched node.
///
/// An event says where to look, not what is there: read again to know.
public struct WatchEvent: Hashable, Sendable {
    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// The node was created.
        case created
        /// The node was deleted.
        case deleted
        /// The node's data was written.
        case dataChanged
        /// A child was added or removed.
        case childrenChanged
        /// Events may be missing: read everything that depends on this watch again.
        ///
        /// Follows a reconnect, because servers do not repeat what persistent watches missed, and a
        /// buffer that was full. `path` is the path that was watched.
        case resynchronise
    }

    /// What happened.
    public var kind: Kind
    /// The node it happened to, as the client sees its path.
    public var path: String

    /// An event of its parts.
    public init(kind: Kind, path: String) {
        self.kind = kind
        self.path = path
    }
}

/// What a persistent watch covers.
public enum WatchScope: Hashable, Sendable {
    /// The node: its creation, deletion, data, and which children it has.
    case node
    /// The node and all below it: their creation, deletion and data.
    case subtree
}

/// Tells the watches of one client apart.
struct WatchID: Hashable, Sendable, Comparable {
    let number: UInt64

    static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
