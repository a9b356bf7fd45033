import Testing

/// The implementations that the contract holds for.
enum StoreKind: CaseIterable, CustomTestStringConvertible {
    case zooKeeper

    var testDescription: String {
        switch self {
        case .zooKeeper: "ZooKeeper"
        }
    }

    /// A store with an empty shard of its own.
    func world() throws -> any StoreWorld {
        switch self {
        case .zooKeeper: try ZooKeeperWorld()
        }
    }
}
