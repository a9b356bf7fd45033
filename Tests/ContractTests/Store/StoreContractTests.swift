import ManateeCore
import ManateePorts
import ManateeWire
import Testing

@Suite(
    "A coordination store, by its contract",
    .serialized,
    .timeLimit(.minutes(5)),
    .zooKeeper(servers: 1)
)
struct StoreContractTests {
    // MARK: Membership

    @Test(arguments: StoreKind.allCases)
    func `shows peers in the order in which they stood for election`(kind: StoreKind) async throws {
        let world = try kind.world()
        try await world.withPeers(.example(9), .example(10)) { nine, ten in
            #expect(nine.told.first == .connected(StoreView(state: nil, activePeers: [nine.peer])))
            let first = ten.told.first
            let all = StoreView(state: nil, activePeers: [nine.peer, ten.peer])
            #expect(first == .connected(all))
            guard case .connected(let view)? = first else { return }
            #expect(view.activePeers[0].postgresURL == nine.peer.postgresURL)
            #expect(view.activePeers[0].zoneID == nine.peer.zoneID)
            #expect(view.activePeers[0].backupURL == nine.peer.backupURL)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `sees a peer that stops leave at once`(kind: StoreKind) async throws {
        let world = try kind.world()
        try await world.withPeer(.example(9)) { nine in
            _ = try await nine.nextConnected()
            try await world.withPeer(.example(10)) { ten in
                try await nine.sees([nine.peer, ten.peer])
            }
            // The other's session has ended by now: only the news is on its way.
            try await eventually("it is gone", within: .milliseconds(500)) {
                nine.activePeers == [nine.peer.id]
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `gives a peer that was away too long a new place`(kind: StoreKind) async throws {
        let world = try kind.world()
        try await world.withPeers(.example(9), .example(10)) { nine, ten in
            nine.link.cut()
            try await nine.nextDisconnected()
            try await ten.sees([ten.peer])
            let version = try await ten.write(.example(1), expecting: nil)
            nine.link.heal()
            let view = try await nine.nextConnected()
            #expect(view.state?.version == version)
            #expect(view.activePeers == [ten.peer, nine.peer])
            try await ten.sees([ten.peer, nine.peer])
            try await nine.write(.example(2), expecting: version)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `keeps the place of a peer that was away briefly`(kind: StoreKind) async throws {
        let world = try kind.world()
        try await world.withPeers(.example(9), .example(10)) { nine, ten in
            let version = try await ten.write(.example(1), expecting: nil)
            _ = try await nine.nextState()
            nine.link.cut()
            try await nine.nextDisconnected()
            let newer = try await ten.write(.example(2), expecting: version)
            nine.link.heal()
            let view = try await nine.nextConnected()
            #expect(view.state?.version == newer)
            #expect(view.activePeers == [nine.peer, ten.peer])
            try await nine.write(.example(3), expecting: newer)
            try await ten.next("the other's write") { event in
                if case .state(let state?) = event, state.state == .example(3) { () } else { nil }
            }
            #expect(!ten.told.contains(.activePeers([ten.peer])), "it never left")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `comes back after its own death with a fresh view`(kind: StoreKind) async throws {
        let world = try kind.world()
        try await world.withPeers(.example(9), .example(10)) { nine, ten in
            let version = try await nine.write(.example(1), expecting: nil)
            try await world.kill()
            for probe in [nine, ten] { try await probe.nextDisconnected() }
            try await world.start()
            for probe in [nine, ten] {
                let view = try await probe.nextConnected()
                #expect(view.state?.version == version)
                #expect(view.state?.state.generation == Generation(1))
                try await probe.sees([nine.peer, ten.peer])
            }
            // Changes are told as before.
            let count = nine.told.count
            try await ten.write(.example(2), expecting: version)
            try await eventually("the change is told") { nine.told.count > count }
            #expect(try await nine.nextState()?.state.generation == Generation(2))
        }
    }

    // MARK: The state

    @Test(arguments: StoreKind.allCases)
    func `writes only over the version that is expected, 0 included`(
        kind: StoreKind
    ) async throws {
        let world = try kind.world()
        try await world.withPeers(.example(9), .example(10)) { nine, ten in
            #expect(await nine.store.write(.example(1), expecting: StateVersion(0)) == .conflict)
            let first = try await nine.write(.example(1), expecting: nil)
            #expect(await ten.store.write(.example(2), expecting: nil) == .conflict)
            let second = try await ten.write(.example(2), expecting: first)
            #expect(second > first)
            // The version of its own creation: the first update must not be unconditional.
            #expect(await nine.store.write(.example(3), expecting: first) == .conflict)
            let wrong = StateVersion(Int64(Int32.max) + 1)
            #expect(await nine.store.write(.example(3), expecting: wrong) == .conflict)
            // The writer's own next version follows from its write, not from a watch.
            let third = try await ten.write(.example(4), expecting: second)
            #expect(await ten.store.write(.example(5), expecting: second) == .conflict)
            let read = try await nine.store.read()
            #expect(read?.version == third)
            #expect(read?.state == .example(4))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `keeps one history entry for each write, and none for a conflict`(
        kind: StoreKind
    ) async throws {
        let world = try kind.world()
        try await world.withPeer(.example(9)) { nine in
            _ = try await nine.nextConnected()
            #expect(await nine.store.write(.example(7), expecting: StateVersion(3)) == .conflict)
            let first = try await nine.write(.example(1), expecting: nil)
            #expect(await nine.store.write(.example(8), expecting: nil) == .conflict)
            try await nine.write(.example(2, lsn: LSN(0x1234)), expecting: first)
            #expect(await nine.store.write(.example(9), expecting: first) == .conflict)
            let history = try await world.history()
            #expect(history.map(\.prefix) == ["1", "2"])
            #expect(
                history.map(\.data)
                    == [ClusterState.example(1), .example(2, lsn: LSN(0x1234))]
                    .map(ClusterStateJSON.encode)
            )
            #expect(try await world.storedState() == history.last?.data)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `tells the last of many changes`(kind: StoreKind) async throws {
        let world = try kind.world()
        try await world.withPeers(.example(9), .example(10)) { nine, ten in
            var version = try await nine.write(.example(1), expecting: nil)
            for generation in 2...100 {
                version = try await nine.write(.example(generation), expecting: version)
            }
            for probe in [nine, ten] {
                let last = try await probe.next("the last one") { event in
                    if case .state(let state?) = event, state.version == version {
                        state
                    } else {
                        nil
                    }
                }
                #expect(last.state.generation == Generation(100))
                let versions = probe.told.compactMap { event in
                    if case .state(let state?) = event { state.version } else { nil }
                }
                #expect(versions == versions.sorted(), "in the store's order")
                #expect(Set(versions).count == versions.count, "each once")
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `tells the removal of the state`(kind: StoreKind) async throws {
        let world = try kind.world()
        try await world.withPeer(.example(9)) { nine in
            _ = try await nine.nextConnected()
            let version = try await nine.write(.example(1), expecting: nil)
            #expect(try await nine.nextState() != nil)
            try await world.removeState()
            #expect(try await nine.nextState() == nil)
            #expect(try await nine.store.read() == nil)
            #expect(await nine.store.write(.example(2), expecting: version) == .conflict)
            // The same version number as before, and yet another state.
            try await nine.write(.example(5), expecting: nil)
            #expect(try await nine.nextState()?.state.generation == Generation(5))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `tells what it cannot understand, and when it can again`(kind: StoreKind) async throws {
        let world = try kind.world()
        try await world.withPeer(.example(9)) { nine in
            _ = try await nine.nextConnected()
            try await nine.write(.example(1), expecting: nil)
            _ = try await nine.nextState()
            try await world.overwriteState(Array(#"{"generation":"one"}"#.utf8))
            let detail = try await nine.nextUnreadable()
            #expect(detail.contains("generation: found the text \"one\""))
            await #expect(throws: EffectFailure(detail)) { try await nine.store.read() }
            try await world.withPeer(.example(10)) { ten in
                #expect(try await ten.nextUnreadable() == detail)
                #expect(ten.told.count == 1, "not connected without a state to show")
                try await nine.sees([nine.peer, ten.peer])
                try await world.overwriteState(ClusterStateJSON.encode(.example(3)))
                #expect(try await nine.nextState()?.state.generation == Generation(3))
                let view = try await ten.nextConnected()
                #expect(view.state?.state.generation == Generation(3))
                #expect(view.activePeers == [nine.peer, ten.peer])
            }
        }
    }

    // MARK: Answers that are lost

    @Test(arguments: StoreKind.allCases)
    func `knows nothing of a write whose answer was lost, and a read settles it`(
        kind: StoreKind
    ) async throws {
        let world = try kind.world()
        try await world.withPeer(.example(9)) { nine in
            _ = try await nine.nextConnected()
            let version = try await nine.write(.example(1), expecting: nil)
            nine.link.loseReplies()
            let outcome = await nine.store.write(.example(2), expecting: version)
            guard case .unknown = outcome else {
                Issue.record("\(outcome)")
                return
            }
            nine.link.heal()
            _ = try await nine.nextConnected()
            let read = try await nine.store.read()
            #expect(read?.state == .example(2), "it had arrived")
            #expect(read?.version == StateVersion(1))
            #expect(try await world.history().count == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `knows nothing of a write that a dying store may have seen`(
        kind: StoreKind
    ) async throws {
        let world = try kind.world()
        try await world.withPeer(.example(9)) { nine in
            _ = try await nine.nextConnected()
            let version = try await nine.write(.example(1), expecting: nil)
            try await world.freeze()
            let outcome = await nine.store.write(.example(2), expecting: version)
            guard case .unknown = outcome else {
                Issue.record("\(outcome)")
                return
            }
            try await world.kill()
            try await world.start()
            _ = try await nine.nextConnected()
            #expect(try await nine.store.read()?.state == .example(1), "it never arrived")
            #expect(try await world.history().count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `fails what it certainly did not send`(kind: StoreKind) async throws {
        let world = try kind.world()
        try await world.withStore(for: .example(9)) { store, _ in
            let outcome = await store.write(.example(1), expecting: nil)
            guard case .failed = outcome else {
                Issue.record("\(outcome)")
                return
            }
            await #expect(throws: EffectFailure.self) { try await store.read() }
        }
        try await world.withPeer(.example(9)) { nine in
            _ = try await nine.nextConnected()
            nine.link.cut()
            try await nine.nextDisconnected()
            let outcome = await nine.store.write(.example(1), expecting: nil)
            guard case .failed = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(try await world.storedState() == nil)
        }
    }
}
