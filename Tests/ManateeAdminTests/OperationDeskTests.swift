import ManateeCore
import ManateeJournal
import ManateePorts
import ManateeWire
import Synchronization
import Testing

@testable import ManateeAdmin

/// What a sitter knows of the example shard.
private struct KnownShard: SitterStatus {
    var view: PeerView

    init(_ state: ClusterState) {
        view = PeerMachine(PeerMachine.Configuration(peer: state.primary)).view
        view.role = .primary
        view.generation = state.generation
        view.state = VersionedState(state, version: StateVersion(0))
        view.activePeers = state.chain
        view.storeConnected = true
    }

    func peerView() async -> PeerView { view }
    func postgresStatus() async -> PostgresStatus { PostgresStatus() }
    func journal() async -> Journal { Journal(epoch: WallTime(milliseconds: 0)) }
    func entries(after number: Int?) async -> AsyncStream<JournalEntry> {
        AsyncStream { $0.finish() }
    }
}

/// A clock by which a request expires at the next look.
private final class Leap: Sendable {
    private let milliseconds = Mutex<Int64>(1_700_000_000_000)

    var next: WallTime {
        milliseconds.withLock { now in
            now += 20_000
            return WallTime(milliseconds: now)
        }
    }
}

/// Postgres as an example has it.
private struct SightedPostgres: PostgresProbe {
    let sightings: [PeerID: PostgresSighting]

    func probe(_ peer: Peer, within limit: Duration) async -> PostgresSighting {
        sightings[peer.id] ?? .failed(cause: "ECONNREFUSED")
    }
}

@Suite("The desk that takes operations", .timeLimit(.minutes(1)))
struct OperationDeskTests {
    private static let data: [UInt8] = {
        let cluster = ExampleCluster.named("normalOk")
        return JSONText.write(.object(cluster?.state ?? [:]))
    }()

    private let state: ClusterState
    private let shard: FakeShard

    init() throws {
        state = try ClusterStateJSON.decode(Self.data)
        shard = FakeShard(
            FakeShard.Content(state: StoredState(data: Self.data, version: StateVersion(0)))
        )
    }

    /// Takes `order` and returns how it ended.
    private func end(
        of order: ShardOrder,
        at peer: FakeLocalPeer = FakeLocalPeer(),
        clock: @escaping @Sendable () -> WallTime = { WallTime(milliseconds: 1_700_000_000_000) },
        change: (inout PeerView) -> Void = { _ in }
    ) async throws -> ShardOperation.Progress {
        var known = KnownShard(state)
        change(&known.view)
        let desk = desk(known, peer: peer, clock: clock)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await desk.run() }
            defer { group.cancelAll() }
            let begun = try await desk.begin(order).get()
            #expect(!begun.progress.isOver)
            while true {
                let operation = try #require(await desk.operation(begun.number))
                if operation.progress.isOver {
                    #expect(operation.ended != nil)
                    return operation.progress
                }
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    private func desk(
        _ known: KnownShard,
        peer: FakeLocalPeer = FakeLocalPeer(),
        clock: @escaping @Sendable () -> WallTime = { WallTime(milliseconds: 0) }
    ) -> OperationDesk {
        OperationDesk(
            status: known,
            store: shard,
            servers: "10.0.0.1:2181",
            shard: FakeShard.name,
            peer: peer,
            probe: SightedPostgres(sightings: ExampleCluster.named("normalOk")?.sightings ?? [:]),
            wallClock: clock
        )
    }

    private var stored: JSONValue {
        get throws {
            let stored = try #require(shard.content.withLock { $0.state })
            return try JSONText.parse(stored.data, document: "state")
        }
    }

    private func refusal(
        of order: ShardOrder,
        change: (inout PeerView) -> Void = { _ in }
    ) async -> OrderRefusal? {
        do {
            _ = try await end(of: order, change: change)
            return nil
        } catch {
            return error as? OrderRefusal
        }
    }

    @Test func `freezes with reason and date, as the tool does`() async throws {
        #expect(try await end(of: .freeze(reason: "disks")) == .succeeded("the shard is frozen"))
        #expect(try stored["freeze"]?["reason"]?.text == "disks")
        #expect(try stored["freeze"]?["date"]?.text == "2023-11-14T22:13:20.000Z")
        let unfrozen = try await end(
            of: .unfreeze,
            change: { $0.state?.state.freeze = .bare(.boolean(true)) }
        )
        #expect(unfrozen == .succeeded("the shard is not frozen any more"))
        #expect(try stored["freeze"] == nil)
    }

    @Test func `asks for the sync, and waits until the sitters have promoted it`() async throws {
        shard.content.withLock { $0.trouble = .promotes }
        let sync = try #require(state.sync)
        let end = try await end(of: .switchover)
        #expect(end == .succeeded("\(sync.label) is promoted"))
    }

    @Test func `says what the tool would say when the sitters drop the request`() async throws {
        shard.content.withLock { $0.trouble = .dropsPromote }
        let leap = Leap()
        let sync = try #require(state.sync)
        guard
            case .failed(let text) = try await end(
                of: .promote(peer: sync.zoneID),
                clock: { leap.next }
            )
        else {
            Issue.record("it did not fail")
            return
        }
        #expect(text.contains("the request was ignored"))
    }

    @Test func `tells a store that does not answer`() async throws {
        shard.content.withLock { $0.trouble = .unreachable }
        guard case .failed(let text) = try await end(of: .freeze(reason: "x")) else {
            Issue.record("it did not fail")
            return
        }
        #expect(text.contains("unable to connect"))
    }

    @Test func `refuses at once what is not possible`() async throws {
        let frozen: (inout PeerView) -> Void = { $0.state?.state.freeze = .bare(.boolean(true)) }
        #expect(await refusal(of: .unfreeze) == .notNow("the shard is not frozen"))
        #expect(await refusal(of: .clearPromote) == .notNow("no request to promote is pending"))
        #expect(await refusal(of: .switchover, change: frozen) != nil)
        #expect(await refusal(of: .freeze(reason: "x"), change: frozen) != nil)
        #expect(await refusal(of: .promote(peer: "nobody")) != nil)
        #expect(await refusal(of: .promote(peer: state.primary.zoneID)) != nil)
        #expect(await refusal(of: .switchover) { $0.activePeers = [] } != nil)
        #expect(await refusal(of: .switchover) { $0.state?.state.promote = .null } != nil)
        #expect(await refusal(of: .freeze(reason: "x")) { $0.storeConnected = false } != nil)
        #expect(await refusal(of: .freeze(reason: "x")) { $0.state = nil } != nil)
        // Nothing of it was written.
        #expect(shard.content.withLock { $0.connections } == [])
    }

    @Test func `restores the own peer, and says when it streams`() async throws {
        let async = try #require(state.async.first)
        let end = try await end(of: .restore, at: FakeLocalPeer(async.zoneID, .copies))
        #expect(end == .succeeded("the data was made anew, and \(async.zoneID) streams"))
    }

    @Test func `tells why a restore failed, and nothing else`() async throws {
        let async = try #require(state.async.first)
        guard
            case .failed(let text) = try await end(
                of: .restore,
                at: FakeLocalPeer(async.zoneID, .full)
            )
        else {
            Issue.record("it did not fail")
            return
        }
        #expect(text.hasPrefix("the peer does not stream after 1 failed copies"))
        #expect(text.contains("noSpace: no room for 4.0 GB"))
    }

    @Test func `restores neither a primary nor a sync`() async throws {
        for peer in [state.primary, try #require(state.sync)] {
            let local = FakeLocalPeer(peer.zoneID, .copies)
            await #expect(throws: OrderRefusal.self) {
                _ = try await end(of: .restore, at: local)
            }
            #expect(!local.isRebuildRequested)
        }
    }

    @Test func `takes one restore at a time, which keeps no other order waiting`() async throws {
        let async = try #require(state.async.first)
        let peer = FakeLocalPeer(async.zoneID, .idle)
        let desk = desk(KnownShard(state), peer: peer)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await desk.run() }
            defer { group.cancelAll() }
            let restore = try await desk.begin(.restore).get()
            while await desk.operation(restore.number)?.progress
                != .running("waiting for the sitter to heed the request")
            {
                try await Task.sleep(for: .milliseconds(1))
            }
            let again = await desk.begin(.restore)
            #expect(
                again == .failure(.notNow("a restore is under way; follow /operations/1"))
            )
            let freeze = try await desk.begin(.freeze(reason: "x")).get()
            while await desk.operation(freeze.number)?.progress.isOver != true {
                try await Task.sleep(for: .milliseconds(1))
            }
            #expect(await desk.operation(restore.number)?.progress.isOver == false)
        }
    }

    @Test(arguments: ["10.0.0.9:5432:12345", "gone"])
    func `reaps a deposed peer by its id or its zone, and no other`(name: String) async throws {
        guard case .object(var fields) = try stored, case .object(var gone)? = fields["primary"]
        else {
            Issue.record("the example is no cluster state")
            return
        }
        gone["id"] = .string("10.0.0.9:5432:12345")
        gone["ip"] = .string("10.0.0.9")
        gone["zoneId"] = .string("gone")
        fields["deposed"] = .array([.object(gone)])
        let data = JSONText.write(.object(fields))
        shard.content.withLock {
            $0.state = StoredState(data: data, version: StateVersion(0))
        }
        let deposed = try ClusterStateJSON.decode(data).deposed
        let known: (inout PeerView) -> Void = { $0.state?.state.deposed = deposed }
        #expect(await refusal(of: .reap(peer: "nobody"), change: known) != nil)
        #expect(await refusal(of: .reap(peer: name)) == .notNow("\(name) is not deposed"))
        let end = try await end(of: .reap(peer: name), change: known)
        #expect(end == .succeeded("\(name) is not deposed any more"))
        #expect(try stored["deposed"] == .array([]))
    }

    @Test func `takes so many operations, and no more`() async throws {
        let desk = desk(KnownShard(state))
        for _ in 0..<OperationDesk.waitingLimit {
            _ = try await desk.begin(.freeze(reason: "x")).get()
        }
        guard case .failure(.busy) = await desk.begin(.freeze(reason: "x")) else {
            Issue.record("it was taken")
            return
        }
        #expect(await desk.operations().count == OperationDesk.waitingLimit)
    }
}

@Suite("The survey of a shard")
struct ShardSurveyorTests {
    private func picture(
        _ example: String,
        shortage: String? = nil,
        history: @escaping @Sendable () async throws -> [HistoryEntry]
    ) async throws -> ShardPicture {
        let cluster = try #require(ExampleCluster.named(example))
        let state = try ClusterStateJSON.decode(JSONText.write(.object(cluster.state)))
        var known = KnownShard(state)
        known.view.activePeers = try state.chain.map { peer in
            // The one that lacks room is the sync.
            let data = ElectionNodeJSON.encode(
                peer,
                shortage: peer == state.sync ? shortage : nil
            )
            return try ElectionNodeJSON.decode(data, id: peer.id)
        }
        let surveyor = ShardSurveyor(
            status: known,
            probe: SightedPostgres(sightings: cluster.sightings),
            history: history,
            roundTrip: { .milliseconds(2) },
            wallClock: { WallTime(milliseconds: 7) }
        )
        #expect(await surveyor.latest() == nil)
        await surveyor.look()
        return try #require(await surveyor.latest())
    }

    @Test func `finds what verify finds`() async throws {
        let well = try await picture("normalOk") { [] }
        #expect(well.issues == [])
        #expect(well.storeRoundTrip == .milliseconds(2))
        let bad = try await picture("normalSdown") { [] }
        #expect(bad.issues.first?.isError == true)
        #expect(bad.issues.first?.text.hasPrefix("cannot query postgres on sync") == true)
    }

    @Test func `finds what other peers say of their room`() async throws {
        let short = try await picture("normalOk", shortage: "17 MB are free") { [] }
        #expect(short.issues.map(\.isError) == [true])
        #expect(short.issues.first?.text.contains("17 MB are free") == true)
    }

    @Test func `tells the history in words, or why it cannot`() async throws {
        let cluster = try #require(ExampleCluster.named("normalOk"))
        let data = JSONText.write(.object(cluster.state))
        let told = try await picture("normalOk") {
            [HistoryEntry(name: "3-0000000001", createdMilliseconds: 5, data: data)]
        }
        #expect(told.history.map(\.summary) == ["cluster setup for normal (multi-peer) mode"])
        #expect(told.history.first?.state?.generation == Generation(3))
        let failed = try await picture("normalOk") { throw ShardAccessFailure("connection lost") }
        #expect(failed.historyFailure == "connection lost")
    }
}
