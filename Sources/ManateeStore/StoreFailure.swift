/// Why a store cannot be used at all: trying again would not help.
package enum StoreFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The settings cannot be used; what is wrong with them.
    case settings(String)
    /// The servers do not accept the credentials.
    case credentialsRefused(servers: String)
    /// The credentials, or their lack, do not allow what is needed at this path.
    case notAllowed(path: String, servers: String)

    /// What was attempted, what was seen, and what to do.
    package var description: String {
        switch self {
        case .settings(let detail):
            "cannot use the ZooKeeper settings: \(detail)"
        case .credentialsRefused(let servers):
            """
            ZooKeeper at \(servers) refuses the credentials; correct the credentials file or the \
            servers' users
            """
        case .notAllowed(let path, let servers):
            """
            ZooKeeper at \(servers) does not allow this peer to use \(path); give it the \
            credentials with which the shard was created, or change the access list of the path
            """
        }
    }
}
