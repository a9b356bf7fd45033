import Logging
import ManateeCore
import ManateePorts
import ManateeSnapshots
import Synchronization
import Testing

@Suite("A snapshotter")
struct SnapshotterTests {
    private static let now: Int64 = 1_700_000_000_000

    private struct Illness: DatabaseHealth {
        func problem() async -> String? { "postgres does not answer" }
    }

    private func snapshotter(
        of storage: MemoryStorage,
        _ policy: RetentionPolicy = RetentionPolicy(number: 2),
        health: (any DatabaseHealth)? = nil,
        log: CapturedLog = CapturedLog()
    ) -> Snapshotter {
        Snapshotter(
            policy: policy,
            period: .seconds(3600),
            storage: storage,
            health: health,
            now: { Self.now },
            logger: Logger(label: "test") { _ in log }
        )
    }

    /// A storage with snapshots named by their order, the oldest first.
    private func storage(
        _ count: Int64,
        stuck: [Int64] = [],
        _ change: (inout MemoryStorage.Content) -> Void = { _ in }
    ) -> MemoryStorage {
        var content = MemoryStorage.Content()
        content.snapshots = (0..<count).map { StorageSnapshot(name: name($0)) }
        content.stuck = Set(stuck.map(name))
        change(&content)
        return MemoryStorage(content)
    }

    private func name(_ order: Int64) -> SnapshotName {
        SnapshotName(milliseconds: Self.now - 100_000 + order)
    }

    @Test func `names a snapshot by the time in milliseconds`() async {
        let storage = storage(0)
        await snapshotter(of: storage).take()
        #expect(storage.names.map(\.text) == ["1700000000000"])
    }

    @Test func `takes none while the database is not well`() async {
        let storage = storage(0)
        let log = CapturedLog()
        await snapshotter(of: storage, health: Illness(), log: log).take()
        #expect(storage.names.isEmpty)
        #expect(log.messages == ["no snapshot taken: the database is not well"])
    }

    @Test func `takes none where it would not be of one moment`() async {
        let storage = storage(0) { $0.atomic = false }
        await snapshotter(of: storage).take()
        #expect(storage.names.isEmpty)
    }

    @Test func `takes none while there is too little room`() async {
        let storage = storage(0) { $0.space.free = 99 }
        await snapshotter(of: storage, RetentionPolicy(number: 2, minimumFree: .percent(10))).take()
        #expect(storage.names.isEmpty)
    }

    @Test func `does nothing and says nothing while there is no data`() async {
        let storage = storage(5) { $0.exists = false }
        let log = CapturedLog()
        let snapshotter = snapshotter(of: storage, log: log)
        await snapshotter.take()
        await snapshotter.expire()
        #expect(storage.names.count == 5)
        #expect(log.messages.isEmpty)
    }

    @Test func `destroys the oldest beyond the number`() async {
        let storage = storage(5)
        await snapshotter(of: storage).expire()
        #expect(storage.names == [name(3), name(4)])
    }

    @Test func `goes on with the next where one cannot be destroyed`() async {
        let storage = storage(5, stuck: [0])
        await snapshotter(of: storage).expire()
        #expect(storage.names == [name(0), name(4)])
    }

    @Test func `gives a round up when as many failed as had to go`() async {
        let storage = storage(5, stuck: [0, 1, 2])
        let log = CapturedLog()
        await snapshotter(of: storage, log: log).expire()
        #expect(storage.content.withLock(\.attempts) == [name(0), name(1), name(2)])
        #expect(storage.names.count == 5)
        #expect(log.messages.contains("snapshots stay that had to go"))
        #expect(!log.levels.contains(.critical))
    }

    @Test func `raises the alarm when none can be destroyed, once`() async {
        let storage = storage(3, stuck: [0, 1])
        let log = CapturedLog()
        let snapshotter = snapshotter(of: storage, RetentionPolicy(number: 1), log: log)
        await snapshotter.expire()
        await snapshotter.expire()
        #expect(log.levels.filter { $0 == .critical }.count == 1)
        storage.content.withLock { $0.stuck = [] }
        await snapshotter.expire()
        #expect(storage.names == [name(2)])
    }

    @Test func `outlives a storage that fails`() async {
        let storage = storage(3) { $0.failure = StorageFailure(.failed, "no such pool") }
        let log = CapturedLog()
        let snapshotter = snapshotter(of: storage, log: log)
        await snapshotter.take()
        await snapshotter.expire()
        #expect(log.messages == ["cannot take a snapshot", "cannot look for old snapshots"])
    }
}

/// Keeps what is logged.
final class CapturedLog: LogHandler {
    private let lines = Mutex<[(Logger.Level, String)]>([])

    var messages: [String] { lines.withLock { $0.map(\.1) }.filter { !$0.isEmpty } }
    var levels: [Logger.Level] { lines.withLock { $0.map(\.0) } }

    var logLevel: Logger.Level {
        get { .info }
        set { _ = newValue }
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set { _ = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set { _ = newValue }
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append((event.level, "\(event.message)")) }
    }
}
