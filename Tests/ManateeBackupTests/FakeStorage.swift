import ManateePorts
import Synchronization

/// A storage in memory, whose streams are the snapshots' bytes.
final class FakeStorage: DataStorage {
    /// What goes wrong, or slowly.
    struct Faults: Sendable {
        /// The sender fails after this many bytes.
        var sendFailsAfter: Int?
        /// The sender stops after this many bytes, until it is cancelled.
        var sendStallsAfter: Int?
        /// The receiver fails so after this many bytes.
        var receiveFails: (after: Int, with: StorageFailure)?
        /// What the receiver waits for before each chunk.
        var beforeChunk: @Sendable () async throws -> Void = {}
        /// What it waits for after the last one.
        var afterStream: @Sendable () async throws -> Void = {}
    }

    private struct State {
        var snapshots: [(name: SnapshotName, content: [UInt8])] = []
        var data: [UInt8]?
        var holds: [SnapshotName: Set<String>] = [:]
        var sent = 0
        var senders = 0
        var received = 0
    }

    private let state = Mutex(State())
    private let able: StorageCapabilities
    private let faults: Faults
    private let free: Int64
    let dataPath = "/fake"

    init(
        _ faults: Faults = Faults(),
        format: String = "fake",
        differences: Bool = true,
        free: Int64 = 1 << 40
    ) {
        self.faults = faults
        self.free = free
        able = StorageCapabilities(
            streamFormat: format,
            snapshots: true,
            atomicSnapshots: true,
            incrementalSend: differences,
            resumableReceive: false,
            delegation: true
        )
    }

    /// Bytes that the senders gave out so far.
    var sent: Int { state.withLock { $0.sent } }
    /// Senders that run now.
    var senders: Int { state.withLock { $0.senders } }
    var data: [UInt8]? { state.withLock { $0.data } }
    /// All holds as `snapshot/tag`.
    var holds: [String] {
        state.withLock { state in
            state.holds.flatMap { name, tags in tags.map { "\(name)/\($0)" } }.sorted()
        }
    }

    func add(_ name: String, _ content: [UInt8]) {
        guard let name = SnapshotName(name) else { return }
        state.withLock { state in
            state.snapshots.append((name, content))
            state.data = content
        }
    }

    // MARK: The port

    func capabilities() -> StorageCapabilities { able }
    func exists() -> Bool { data != nil }
    func prepare(creating: Bool, owner: StorageOwner?) -> Bool { exists() }

    func snapshots() -> [StorageSnapshot] {
        state.withLock { state in
            state.snapshots.map { name, content in
                StorageSnapshot(
                    name: name,
                    referencedBytes: Int64(content.count),
                    holds: state.holds[name]?.count ?? 0
                )
            }
        }
    }

    func takeSnapshot(_ name: SnapshotName) {
        state.withLock { $0.snapshots.append((name, $0.data ?? [])) }
    }

    func destroySnapshot(_ name: SnapshotName) throws(StorageFailure) {
        state.withLock { state in state.snapshots.removeAll { $0.name == name } }
    }

    func hold(_ name: SnapshotName, tag: String) throws(StorageFailure) {
        let isNew = state.withLock { $0.holds[name, default: []].insert(tag).inserted }
        guard isNew else { throw StorageFailure(.exists, "held already: \(tag)") }
    }

    func release(_ name: SnapshotName, tag: String) throws(StorageFailure) {
        let old = state.withLock { $0.holds[name]?.remove(tag) }
        guard old != nil else { throw StorageFailure(.missing, "no hold \(tag)") }
    }

    func rollBack(to name: SnapshotName) throws(StorageFailure) {
        state.withLock { state in
            guard let index = state.snapshots.firstIndex(where: { $0.name == name }) else { return }
            state.snapshots.removeSubrange((index + 1)...)
            state.data = state.snapshots[index].content
        }
    }

    func withClone<Result: Sendable>(
        of name: SnapshotName,
        _ body: @Sendable (String) async throws -> Result
    ) async throws -> Result {
        throw StorageFailure(.unsupported, "no clones in memory")
    }

    func send<Result: Sendable>(
        _ name: SnapshotName,
        since base: SnapshotName?,
        _ body: @Sendable (any StorageStream) async throws -> Result
    ) async throws -> Result {
        let content = state.withLock { $0.snapshots.first { $0.name == name }?.content }
        guard let content else { throw StorageFailure(.missing, "no snapshot \(name)") }
        state.withLock { $0.senders += 1 }
        defer { state.withLock { $0.senders -= 1 } }
        let faults = faults
        return try await body(
            PieceStream(content: content) { offset in
                self.state.withLock { $0.sent = max($0.sent, offset) }
                if let limit = faults.sendFailsAfter, offset >= limit {
                    throw StorageFailure(.failed, "the sender was killed")
                }
                if let limit = faults.sendStallsAfter, offset >= limit {
                    try await Task.sleep(for: .seconds(600))
                }
            }
        )
    }

    func receive(
        _ name: SnapshotName,
        since base: SnapshotName?,
        from stream: any StorageStream
    ) async throws {
        let newest = state.withLock { $0.snapshots.last?.name }
        guard newest == base else {
            throw StorageFailure(base == nil ? .exists : .noCommonSnapshot, "not the base")
        }
        let content = try await all(stream)
        try await faults.afterStream()
        state.withLock { state in
            state.snapshots.append((name, content))
            state.data = content
        }
    }

    private func all(_ stream: some StorageStream) async throws -> [UInt8] {
        var content: [UInt8] = []
        for try await chunk in stream {
            try await faults.beforeChunk()
            content += chunk
            if let (limit, failure) = faults.receiveFails, content.count >= limit { throw failure }
        }
        return content
    }

    func isolate(_ reason: IsolationReason) -> String? {
        state.withLock { state in
            state.snapshots = []
            state.data = nil
        }
        return nil
    }

    func isolated() -> [IsolatedData] { [] }
    func destroyIsolated(_ name: String) {}

    func space() -> StorageSpace { StorageSpace(total: free, free: free, usedBySnapshots: nil) }
}

/// Bytes in pieces of 64 kB; `before` runs before each with what was given so far.
private struct PieceStream: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error

    struct Iterator: AsyncIteratorProtocol {
        let content: [UInt8]
        let before: @Sendable (Int) async throws -> Void
        var offset = 0

        mutating func next() async throws -> [UInt8]? {
            try await before(offset)
            guard offset < content.count else { return nil }
            let piece = Array(content[offset..<Swift.min(offset + 65536, content.count)])
            offset += piece.count
            return piece
        }
    }

    let content: [UInt8]
    let before: @Sendable (Int) async throws -> Void

    func makeAsyncIterator() -> Iterator { Iterator(content: content, before: before) }
}
