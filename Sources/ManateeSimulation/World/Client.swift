import ManateeCore

/// What a client was told.
enum ClientReply: Hashable, Sendable {
    /// The write is committed.
    case committed
    /// The wait for the sync was cancelled: committed here, with a warning.
    case cancelled
    /// The server does not admit the client, or only reads.
    case refused
    /// The connection broke.
    case broken
    /// What a reader of a primary saw: up to here commits were visible.
    case rows(Int)
}

/// One client: it writes and reads by turns, one request at a time.
struct SimulatedClient: Hashable, Sendable {
    /// What it waits for.
    struct Request: Hashable, Sendable {
        var number: Int
        var peer: Int
        /// The write's number; nil for a read.
        var commit: UInt32?
        var begun: SimulatedTime
    }

    var request: Request?
    var requests = 0
}
