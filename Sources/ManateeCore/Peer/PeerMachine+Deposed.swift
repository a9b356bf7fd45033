/// The way back of a former primary (rule S7).
extension PeerMachine {
    /// Joins the end of the chain, once the copy has been seen to stream from there.
    mutating func pursueAsDeposed(_ followed: VersionedState) {
        switch configuration.rejoin {
        case .manual:
            return report(.deposedUntilRebuilt)
        case .automatic:
            break
        }
        let upstream = followed.state.tail(among: livingPeers).id
        guard case .applied(wish) = postgres else {
            return report(.reconciling(behind: upstream))
        }
        if let freeze = followed.state.freeze { return report(.frozen(.rejoin, freeze)) }
        report(.rejoining(behind: upstream))
        var new = followed.state
        new.deposed.removeAll { $0 == configuration.peer }
        new.async.append(configuration.peer)
        write(Proposal(intent: .rejoin, base: followed, state: new))
    }
}
