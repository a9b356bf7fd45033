/// Where readers are led.
extension ProxyRouting {
    /// How many bytes of log the server lacks; nil if that is not known.
    ///
    /// Positions are as old as the sitters' last words, and are what has arrived at the standby; what it
    /// shows to readers may be a little less.
    package func lag(of backend: Backend) -> UInt64? {
        guard let topology, let end = reports[topology.primary]?.report?.position,
            let own = reports[backend]?.report?.position
        else { return nil }
        return end > own ? end - own : 0
    }

    /// How many clients each server has.
    package var connections: [Backend: Int] { counts }

    /// The server for the next reader; nil if there is none.
    mutating func readable(in topology: ProxyTopology, at now: Instant) -> Backend? {
        avoided = avoided.filter { $0.value > now }
        let reachable = topology.standbys.filter { avoided[$0] == nil }
        let near = reachable.filter { standby in
            lag(of: standby).map { $0 <= limits.maximumLag } ?? false
        }
        if let standby = next(of: near) { return standby }
        if let standby = next(of: reachable.filter { lag(of: $0) == nil }) { return standby }
        let mayUsePrimary = limits.readsFallBackToPrimary && avoided[topology.primary] == nil
        return mayUsePrimary ? topology.primary : nil
    }

    private mutating func next(of backends: [Backend]) -> Backend? {
        guard !backends.isEmpty else { return nil }
        turn &+= 1
        let rotated = backends.indices.map { backends[($0 + turn) % backends.count] }
        switch limits.balance {
        case .roundRobin: return rotated.first
        case .leastConnections:
            return rotated.min { counts[$0, default: 0] < counts[$1, default: 0] }
        }
    }
}
