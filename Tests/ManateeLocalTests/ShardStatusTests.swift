import ManateeCore
import Testing

@testable import ManateeLocal

@Suite("The status of a shard")
struct ShardStatusTests {
    private func peer(_ name: String) -> Peer {
        Peer(id: PeerID(name), ip: "", postgresURL: "", zoneID: name, backupURL: nil)
    }

    private func whole() -> ShardStatus {
        let state = ClusterState(
            generation: Generation(2),
            primary: peer("a"),
            sync: peer("b"),
            async: [peer("c")],
            deposed: [],
            initWAL: .zero
        )
        return ShardStatus(
            state: state,
            present: [PeerID("c"), PeerID("a"), PeerID("b")],
            links: [
                PeerID("a"): [.init(downstream: "b", state: "streaming", syncState: "sync")],
                PeerID("b"): [.init(downstream: "c", state: "streaming", syncState: "async")],
            ],
            isWritable: true
        )
    }

    @Test func `is healthy when the whole chain streams`() {
        #expect(whole().problems(expecting: 3).isEmpty)
        #expect(
            whole().line(expecting: 3)
                == "generation 2: primary a, sync b, async c; healthy"
        )
    }

    @Test func `names a peer that is not there`() {
        #expect(whole().problems(expecting: 4) == ["the chain has 3 of 4 peers"])
        var status = whole()
        status.present.removeAll { $0 == PeerID("c") }
        #expect(status.problems(expecting: 3) == ["c is absent"])
    }

    @Test func `names a peer that does not stream from the one before it`() {
        var status = whole()
        status.links[PeerID("b")] = [.init(downstream: "c", state: "catchup", syncState: "async")]
        #expect(status.problems(expecting: 3) == ["c does not stream"])
        status.links[PeerID("a")]?.append(
            .init(downstream: "c", state: "streaming", syncState: "async")
        )
        #expect(status.problems(expecting: 3) == ["c does not stream"])
    }

    @Test func `is not healthy while commits do not wait for the sync`() {
        var status = whole()
        status.links[PeerID("a")] = [.init(downstream: "b", state: "streaming", syncState: "async")]
        #expect(status.problems(expecting: 3) == ["no commit waits for the sync b"])
    }

    @Test func `is not healthy without writes, or with a deposed peer`() {
        var status = whole()
        status.isWritable = false
        status.state?.deposed = [peer("d")]
        #expect(
            status.problems(expecting: 3) == ["d is deposed", "the primary a admits no writes"]
        )
    }

    @Test func `is not healthy before there is a state`() {
        let status = ShardStatus(state: nil, present: [], links: [:], isWritable: false)
        #expect(status.problems(expecting: 3) == ["there is no cluster state"])
    }
}
