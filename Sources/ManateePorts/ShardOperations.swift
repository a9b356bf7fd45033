package import ManateeCore

/// Carries out what operators ask one sitter to do with its shard.
///
/// Contract: `begin` answers at once; what comes of it is told by `operation`. The last
/// `ShardOperation.kept` operations are remembered, in this process only.
package protocol ShardOperations: Sendable {
    /// Begins `order`, unless it is refused from the start.
    func begin(_ order: ShardOrder) async -> Result<ShardOperation, OrderRefusal>

    /// The operation with this number; nil if there was none or it is forgotten.
    func operation(_ number: Int) async -> ShardOperation?

    /// The operations that are remembered, oldest first.
    func operations() async -> [ShardOperation]
}

/// What an operator asks for.
package enum ShardOrder: Equatable, Sendable {
    /// Make the sync primary.
    case switchover
    /// Promote the peer by one place; it is told by its id or its zone.
    case promote(peer: String)
    /// Take a request to promote back.
    case clearPromote
    /// Order that nobody changes roles, and why.
    case freeze(reason: String)
    /// Take that order back.
    case unfreeze
    /// Take the deposed peer off the list of the deposed; it is told by its id or its zone.
    case reap(peer: String)
    /// Make the data of the peer that is asked anew, from another peer's.
    case restore

    /// The name by which it is asked for.
    package var name: String {
        switch self {
        case .switchover: "switchover"
        case .promote: "promote"
        case .clearPromote: "clear-promote"
        case .freeze: "freeze"
        case .unfreeze: "unfreeze"
        case .reap: "reap"
        case .restore: "restore"
        }
    }
}

/// Why an order is not begun.
package enum OrderRefusal: Error, Equatable, Sendable {
    /// It contradicts what the shard is now; what to do.
    case notNow(String)
    /// Too many operations are under way.
    case busy(String)
}

/// One order on its way.
package struct ShardOperation: Equatable, Sendable {
    /// How many operations are remembered.
    package static let kept = 64

    /// How far an operation is.
    package enum Progress: Equatable, Sendable {
        /// It is being carried out; what is waited for.
        case running(String)
        /// It is done; what came of it.
        case succeeded(String)
        /// It is not done; why, and what to do.
        case failed(String)

        /// Whether nothing follows.
        package var isOver: Bool {
            switch self {
            case .running: false
            case .succeeded, .failed: true
            }
        }
    }

    /// Counts up by one within one process.
    package var number: Int
    /// What is to be done.
    package var order: ShardOrder
    /// When it was asked for.
    package var began: WallTime
    /// When it ended; nil while it is under way.
    package var ended: WallTime?
    /// How far it is.
    package var progress: Progress

    /// The operation with this number.
    package init(
        number: Int,
        order: ShardOrder,
        began: WallTime,
        ended: WallTime? = nil,
        progress: Progress
    ) {
        self.number = number
        self.order = order
        self.began = began
        self.ended = ended
        self.progress = progress
    }
}
