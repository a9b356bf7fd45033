import ManateeCore
import ManateePorts

extension MetricsPage {
    /// How the other peers are heard: as many labels as the shard has peers.
    func writeHearing(_ text: inout MetricsText) {
        text.gauges(
            "manatee_heartbeat_connected",
            "Whether there is a stream of each watched peer's beats.",
            hearing.map { ([member($0.peer)], $0.isConnected) }
        )
        text.gauges(
            "manatee_heartbeat_age_seconds",
            "How long ago the last beat of each watched peer came.",
            hearing.compactMap { heard in
                heard.age.map { ([member(heard.peer)], $0 / .seconds(1)) }
            }
        )
        text.gauges(
            "manatee_heartbeat_round_trip_seconds",
            "How long the way to each watched peer and back took when its stream was begun.",
            hearing.compactMap { heard in
                heard.roundTrip.map { ([member(heard.peer)], $0 / .seconds(1)) }
            }
        )
        text.gauges(
            "manatee_peer_judgement",
            "1 for what the evidence about each watched peer comes to, 0 for the others.",
            snapshot.view.judgements.flatMap { sighting in
                let (member, judged) = (member(sighting.id), sighting.judgement.kind)
                return Judgement.Kind.allCases.map { kind in
                    ([member, ("judgement", kind.rawValue)], kind == judged)
                }
            }
        )
    }

    private func member(_ peer: PeerID) -> (String, String) {
        let state = snapshot.view.state?.state
        let known = snapshot.view.activePeers + (state.map { $0.chain + $0.deposed } ?? [])
        return ("member", known.first { $0.id == peer }?.zoneID ?? peer.text)
    }
}
