/// What a load balancer asks: whether this kind of traffic may come here.
///
/// The paths and their meaning are Patroni's, so that configurations made for it work unchanged.
enum HealthQuestion: String, CaseIterable {
    /// Does it acknowledge writes?
    case primary
    /// The same: there are no standby clusters here.
    case leader
    /// Does it lead a standby cluster? Never.
    case standbyLeader
    /// Is it a standby that serves reads?
    case replica
    /// Does it serve reads, as standby or as primary?
    case readOnly
    /// Is it the sync?
    case sync
    /// Is it the sync, or the primary?
    case readOnlySync
    /// Is it in a quorum? Never: there is one sync.
    case quorum
    /// Is it in a quorum, or the primary?
    case readOnlyQuorum
    /// Is it an async?
    case async
    /// Is its postgres well?
    case health
    /// Does the sitter answer?
    case liveness
    /// Is it ready to do its part: primary, or a standby that streams and is close enough?
    case readiness

    /// The paths by which it is asked, the one that is documented first.
    var paths: [String] {
        switch self {
        case .primary: ["/primary", "/read-write", "/master"]
        case .leader: ["/leader"]
        case .standbyLeader: ["/standby-leader", "/standby_leader"]
        case .replica: ["/replica"]
        case .readOnly: ["/read-only"]
        case .sync: ["/synchronous", "/sync"]
        case .readOnlySync: ["/read-only-sync", "/read-only-synchronous"]
        case .quorum: ["/quorum"]
        case .readOnlyQuorum: ["/read-only-quorum"]
        case .async: ["/asynchronous", "/async"]
        case .health: ["/health"]
        case .liveness: ["/liveness"]
        case .readiness: ["/readiness"]
        }
    }
}
