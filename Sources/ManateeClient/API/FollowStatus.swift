/// How good a shard's topology is.
public enum FollowStatus: Hashable, Sendable {
    /// Nothing is known yet: ZooKeeper has not answered.
    case starting
    /// The topology is the present one, and changes are told as they happen.
    case following
    /// There is no connection to ZooKeeper; the topology is the last one that was known. Why.
    case disconnected(String)
    /// ZooKeeper refuses what is asked of it; it is asked again. What it says.
    case refused(String)
    /// The stored state cannot be understood; the topology is the last one that was. Why.
    case unreadable(String)
    /// The store holds an older generation than the shard has had, as after a restore of the store: it is
    /// not followed, since it names servers that are not in office any more.
    case wentBack(known: FencingToken, found: FencingToken)
    /// The client's run has ended.
    case ended
}
