import ManateePorts
import Synchronization

/// A storage of nothing but snapshots, in memory, some of which cannot be destroyed.
final class MemoryStorage: DataStorage {
    struct Content: Sendable {
        var snapshots: [StorageSnapshot] = []
        var stuck: Set<SnapshotName> = []
        var exists = true
        var atomic = true
        var space = StorageSpace(total: 1000, free: 1000, usedBySnapshots: nil)
        /// The names that somebody tried to destroy, in order.
        var attempts: [SnapshotName] = []
        /// What every call fails with.
        var failure: StorageFailure?
    }

    let content: Mutex<Content>
    let dataPath = "/nowhere"

    init(_ content: Content) {
        self.content = Mutex(content)
    }

    /// The names that are there, oldest first.
    var names: [SnapshotName] { content.withLock { $0.snapshots.map(\.name) } }

    private func check() throws(StorageFailure) {
        if let failure = content.withLock(\.failure) { throw failure }
    }

    func capabilities() async throws(StorageFailure) -> StorageCapabilities {
        try check()
        return StorageCapabilities(
            streamFormat: "memory",
            snapshots: true,
            atomicSnapshots: content.withLock(\.atomic),
            incrementalSend: false,
            resumableReceive: false,
            delegation: false
        )
    }

    func exists() async throws(StorageFailure) -> Bool {
        try check()
        return content.withLock(\.exists)
    }

    func snapshots() async throws(StorageFailure) -> [StorageSnapshot] {
        try check()
        return content.withLock(\.snapshots)
    }

    func space() async throws(StorageFailure) -> StorageSpace { content.withLock(\.space) }

    func takeSnapshot(_ name: SnapshotName) async throws(StorageFailure) {
        content.withLock { $0.snapshots.append(StorageSnapshot(name: name)) }
    }

    func destroySnapshot(_ name: SnapshotName) async throws(StorageFailure) {
        let isStuck = content.withLock { content in
            content.attempts.append(name)
            if content.stuck.contains(name) { return true }
            content.snapshots.removeAll { $0.name == name }
            return false
        }
        if isStuck { throw StorageFailure(.hasClones, "\(name) has a clone") }
    }

    // What a snapshotter has no business with.

    private static let unused = StorageFailure(.unsupported, "a snapshotter does not do this")

    func prepare(creating: Bool, owner: StorageOwner?) async throws(StorageFailure) -> Bool {
        throw Self.unused
    }

    func hold(_ name: SnapshotName, tag: String) async throws(StorageFailure) {
        throw Self.unused
    }

    func release(_ name: SnapshotName, tag: String) async throws(StorageFailure) {
        throw Self.unused
    }

    func rollBack(to name: SnapshotName) async throws(StorageFailure) { throw Self.unused }

    func withClone<Result: Sendable>(
        of name: SnapshotName,
        _ body: @Sendable (String) async throws -> Result
    ) async throws -> Result { throw Self.unused }

    func send<Result: Sendable>(
        _ name: SnapshotName,
        since base: SnapshotName?,
        _ body: @Sendable (any StorageStream) async throws -> Result
    ) async throws -> Result { throw Self.unused }

    func receive(
        _ name: SnapshotName,
        since base: SnapshotName?,
        from stream: any StorageStream
    ) async throws { throw Self.unused }

    func isolate(_ reason: IsolationReason) async throws(StorageFailure) -> String? {
        throw Self.unused
    }

    func isolated() async throws(StorageFailure) -> [IsolatedData] { throw Self.unused }

    func destroyIsolated(_ name: String) async throws(StorageFailure) { throw Self.unused }
}
