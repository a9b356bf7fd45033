/// One postgres of a shard.
public struct Server: Hashable, Sendable {
    /// What a server is for; further roles may come.
    public struct Role: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case primary, sync, async, undeclared
        }

        private let kind: Kind

        /// The only one that takes writes.
        public static let primary = Role(kind: .primary)
        /// A standby that has every acknowledged write on its disk.
        public static let sync = Role(kind: .sync)
        /// A standby that may lag behind.
        public static let async = Role(kind: .async)
        /// The shard has declared no roles yet.
        public static let undeclared = Role(kind: .undeclared)

        /// The role's name.
        public var description: String { kind.rawValue }
    }

    /// The address as Manatee publishes it, `tcp://USER@HOST:PORT/DATABASE`; without user and database
    /// before the shard has declared its roles.
    public var url: String
    /// The name or address of the host, without brackets.
    public var host: String
    /// The port of postgres.
    public var port: Int
    /// What the server is for.
    public var role: Role
    /// The peer's identity in the shard, `IP:PORT:BACKUPPORT`.
    public var id: String
}
