import ManateeCore
import Testing

@Suite("The verdict on a shard")
struct VerdictTests {
    private static func peer(_ name: String) -> Peer {
        Peer(id: PeerID(name), ip: name, postgresURL: name, zoneID: name, backupURL: nil)
    }

    private func shard(
        _ change: (inout ClusterState) -> Void = { _ in }
    ) -> ShardObservation {
        var state = ClusterState(
            generation: Generation(3),
            primary: VerdictTests.peer("A"),
            sync: VerdictTests.peer("B"),
            async: [VerdictTests.peer("C")],
            deposed: [],
            initWAL: LSN(64),
            initTimeline: TimelineID(2)
        )
        change(&state)
        func status(_ isPrimary: Bool, _ standbys: [String]) -> ShardObservation.PeerStatus {
            ShardObservation.PeerStatus(
                isRunning: true,
                isInRecovery: !isPrimary,
                admitsClients: true,
                hasCompleteCopy: true,
                log: WALSample(end: WALPosition(timeline: TimelineID(2), lsn: LSN(80))),
                standbys: standbys.map { PeerID($0) },
                remembered: nil
            )
        }
        return ShardObservation(
            state: VersionedState(state, version: StateVersion(7)),
            present: ["A", "B", "C"].map { PeerID($0) },
            peers: [
                PeerID("A"): status(true, ["B"]), PeerID("B"): status(false, ["C"]),
                PeerID("C"): status(false, []),
            ]
        )
    }

    @Test func `is readWrite when the sync is attached`() {
        let verdict = ShardVerdict(shard())
        #expect(verdict.service == .readWrite)
        #expect(verdict.needsOperator == nil)
    }

    @Test func `is readOnly while the sync is away, and needs nobody`() {
        var seen = shard()
        seen.peers[PeerID("A")]?.standbys = []
        let verdict = ShardVerdict(seen)
        #expect(verdict.service == .readOnly)
        #expect(verdict.needsOperator == nil)
    }

    @Test func `needs an operator when a primary that acknowledged alone lost its disk`() {
        var seen = shard { $0.oneNodeWriteMode = true }
        seen.peers[PeerID("A")]?.hasCompleteCopy = false
        seen.peers[PeerID("A")]?.isRunning = false
        #expect(ShardVerdict(seen).needsOperator == .loneCopyLost(Generation(3)))
    }

    @Test func `needs an operator when a peer acted in another history`() throws {
        var seen = shard()
        var remembered = try #require(seen.state)
        remembered.state.primary = VerdictTests.peer("C")
        seen.peers[PeerID("C")]?.remembered = remembered
        #expect(
            ShardVerdict(seen).needsOperator
                == .otherHistory(PeerID("C"), remembered.state.reign)
        )
    }

    @Test func `is unavailable when nobody runs`() {
        var seen = shard()
        for id in seen.peers.keys { seen.peers[id]?.isRunning = false }
        #expect(ShardVerdict(seen).service == .unavailable)
    }

    @Test func `names a store that went back`() {
        var seen = shard()
        guard var newer = seen.state else { return }
        newer.state.generation = Generation(4)
        seen.peers[PeerID("C")]?.remembered = newer
        let verdict = ShardVerdict(seen)
        #expect(
            verdict.needsOperator
                == .storeWentBack(known: Generation(4), shown: Generation(3))
        )
        #expect(verdict.service == .readOnly)
    }

    @Test func `names a sync that lacks the beginning of the generation`() {
        var seen = shard { $0.initWAL = LSN(96) }
        seen.peers[PeerID("A")]?.hasCompleteCopy = false
        seen.peers[PeerID("A")]?.isRunning = false
        #expect(
            ShardVerdict(seen).needsOperator
                == .syncNotCaughtUp(PeerID("B"), needed: LSN(96))
        )
    }

    @Test func `names the order that freezes a shard which needs a change`() {
        let freeze = Freeze.explained(["reason": .string("maintenance")])
        var seen = shard { $0.freeze = freeze }
        seen.peers[PeerID("A")]?.isRunning = false
        #expect(ShardVerdict(seen).needsOperator == .frozen(freeze))
    }
}
