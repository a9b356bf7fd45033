import ManateeCore
import ManateePorts

extension MetricsPage {
    /// How the other peers are heard: as many labels as the shard has peers.
    func writeHearing(_ text: inout MetricsText) {
        text.gauges(
            "manatee_heartbeat_connected",
            "Whether there is a stream of each watched peer's beats.",
            hearing.map { (labels($0), $0.isConnected) }
        )
        text.gauges(
            "manatee_heartbeat_age_seconds",
            "How long ago the last beat of each watched peer came.",
            hearing.compactMap { heard in heard.age.map { (labels(heard), $0 / .seconds(1)) } }
        )
        text.gauges(
            "manatee_heartbeat_round_trip_seconds",
            "How long the way to each watched peer and back took when its stream was begun.",
            hearing.compactMap { heard in heard.roundTrip.map { (labels(heard), $0 / .seconds(1)) }
            }
        )
    }

    private func labels(_ heard: PeerHearing) -> [(String, String)] {
        let state = snapshot.view.state?.state
        let known = snapshot.view.activePeers + (state.map { $0.chain + $0.deposed } ?? [])
        let name = known.first { $0.id == heard.peer }?.zoneID ?? heard.peer.text
        return [("member", name)]
    }
}
