import ManateeCore
import ManateePorts
import Testing

@testable import ManateeSitter

@Suite("What hooks are told of a switchover")
struct HookWatchTests {
    private static let (a, b) = (peer("a"), peer("b"))
    private var watch = HookWatch(shard: "1")

    private static func peer(_ name: String) -> Peer {
        Peer(
            id: PeerID("\(name):5432:12345"),
            ip: name,
            postgresURL: "tcp://postgres@\(name):5432/postgres",
            zoneID: name,
            backupURL: nil
        )
    }

    /// What the peer a shows while it follows this generation.
    private func view(
        _ generation: Int,
        primary: Peer = Self.a,
        handover: Bool = false,
        pending: [PeerView.Pending] = []
    ) -> PeerView {
        var state = ClusterState(
            generation: Generation(generation),
            primary: primary,
            sync: primary == Self.a ? Self.b : Self.a,
            async: [],
            deposed: [],
            initWAL: LSN(100)
        )
        if handover {
            state.handover = Handover(
                from: Self.a.id,
                to: Self.b.id,
                generation: Generation(generation),
                expireTime: WallTime(milliseconds: 0)
            )
        }
        var view = PeerMachine(PeerMachine.Configuration(peer: Self.a)).view
        view.role = primary == Self.a ? .primary : .sync
        view.generation = state.generation
        view.state = VersionedState(state, version: StateVersion(1))
        view.pending = pending
        return view
    }

    @Test mutating func `is undone when the announcement is taken back`() {
        #expect(watch.beginSwitchover(view(1)).event == .beforeSwitchover)
        let writing = view(1, pending: [.clusterWriteOrWait])
        #expect(watch.notices(from: view(1), to: writing) == [])
        let announced = view(1, handover: true)
        #expect(watch.notices(from: writing, to: announced) == [])
        let told = watch.notices(from: announced, to: view(1))
        #expect(told.map(\.event) == [.afterSwitchover])
        #expect(told.map(\.outcome) == [.undone])
        #expect(told.map(\.generation) == [Generation(1)])
        // It is told once.
        #expect(watch.notices(from: view(1), to: view(1)) == [])
    }

    @Test mutating func `is undone when the primary goes on with another sync`() {
        _ = watch.beginSwitchover(view(1))
        let told = watch.notices(from: view(1, handover: true), to: view(2))
        #expect(told.map(\.outcome) == [.undone])
    }

    @Test mutating func `is done when another peer is primary`() {
        _ = watch.beginSwitchover(view(1))
        let told = watch.notices(from: view(1, handover: true), to: view(2, primary: Self.b))
        #expect(told.map(\.event) == [.roleChange, .afterSwitchover])
        #expect(told.last?.outcome == .done)
    }
}
