/// Where a session is in its life.
public enum SessionState: Hashable, Sendable {
    /// No server has accepted the session yet. Valid transitions: `.connected`,
    /// `.authenticationFailed`, `.closed`.
    case connecting
    /// A server holds the session. Valid transitions: `.suspended`, `.authenticationFailed`, `.closed`.
    case connected
    /// The connection is lost; the session lives on at the servers until its deadline, at least.
    /// Valid transitions: `.connected`, `.expired`, `.authenticationFailed`, `.closed`.
    case suspended
    /// A server said that the session is over. Terminal: make a new client.
    case expired
    /// A server does not accept the credentials. Terminal.
    case authenticationFailed
    /// This side closed the session. Terminal.
    case closed

    /// Whether nothing can follow.
    public var isTerminal: Bool {
        switch self {
        case .expired, .authenticationFailed, .closed: true
        case .connecting, .connected, .suspended: false
        }
    }
}

/// A session's state and its times by the local clock.
public struct SessionStatus: Hashable, Sendable {
    /// Where the session is in its life.
    public var state: SessionState
    /// The session's number; nil until a server has accepted it.
    public var sessionID: SessionID?
    /// How long the servers keep a session they do not hear from; nil until a server has told.
    public var timeout: Duration?
    /// The server in use; nil while there is none.
    public var server: ServerAddress?
    /// When something last came from a server; nil if nothing ever did.
    public var lastHeard: ContinuousClock.Instant?
    /// Until when the servers keep the session, whatever happens to the connection; nil until a
    /// server has accepted it.
    ///
    /// This is the moment at which the last request or ping *that was answered* was sent, plus the
    /// timeout. A session whose deadline has passed must be taken for gone, and its ephemeral nodes
    /// with it, although a server may still revive it. A server that answered and died before it
    /// told the leader can make the real bound earlier by about half a tick of the servers: leave a
    /// margin.
    public var deadline: ContinuousClock.Instant?
    /// Why the last connection, or attempt at one, ended; nil if none did.
    public var lastFailure: String?

    /// Whether the servers are sure to hold the session at `instant`.
    public func isAlive(at instant: ContinuousClock.Instant) -> Bool {
        guard !state.isTerminal, let deadline else { return false }
        return instant < deadline
    }
}
