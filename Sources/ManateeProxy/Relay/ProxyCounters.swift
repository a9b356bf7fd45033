/// What the proxy has done since its start, for its metrics.
struct ProxyCounters: Sendable {
    var accepted: [ProxyListener: Int] = [:]
    var refused: [Refusal: Int] = [:]
    /// Clients that were led to a server after they had waited.
    var released = 0
    /// How long they had waited, together.
    var heldTime = Duration.zero
    /// Clients that were cut because their server was replaced.
    var cut = 0
    var connectFailures = 0
    var turnedAway = 0
    var cancelsForwarded = 0
    var cancelsUnknown = 0
    /// By direction, of sessions that are over.
    var bytesToServers = 0
    var bytesToClients = 0
}
