/// Tells the requests of one client apart.
struct RequestID: Hashable, Sendable {
    let number: UInt64
}

/// Tells the connections of one client apart, so that word from an old one is recognised.
struct ConnectionID: Hashable, Sendable {
    let number: UInt64
}

/// What happens to a session.
enum SessionEvent: Hashable, Sendable {
    /// The owner wants the session.
    case start
    /// A connection that was asked for stands.
    case opened(ConnectionID)
    /// A connection could not be had, or has ended.
    case ended(ConnectionID, reason: String)
    /// Bytes came.
    case received(ConnectionID, [UInt8])
    /// A user asks something.
    case submit(RequestID, Request)
    /// A user does not wait for an answer any more.
    case cancel(RequestID)
    /// Nobody reads a watch any more.
    case unwatch(WatchID)
    /// The owner wants the session to end.
    case close
    /// The moment that the machine asked to be woken at has come.
    case tick
}

/// What a session wants to be done, in this order.
enum SessionAction: Hashable, Sendable {
    /// Open a connection; answer with `opened` or `ended`.
    case connect(ConnectionID, ServerAddress)
    /// Send bytes.
    case send(ConnectionID, [UInt8])
    /// End a connection; nothing it says is heard any more.
    case disconnect(ConnectionID)
    /// Answer a request.
    case complete(RequestID, Result<Response, ZooKeeperError>)
    /// Tell the reader of a watch; before the answers that follow.
    case deliver(WatchID, WatchEvent)
    /// A watch fired for the last time, or ends with the session.
    case finish(WatchID, ZooKeeperError?)
    /// Tell that a connection failed.
    case report(ServerAddress, reason: String)
    /// The session is over: nil if this side closed it.
    case end(ZooKeeperError?)
}
