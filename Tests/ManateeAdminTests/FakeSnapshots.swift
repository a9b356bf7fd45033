import ManateePorts
import Synchronization

/// A storage of nothing but snapshots, whose clones are told sound, damaged or unknown by their name.
final class FakeSnapshots: DataStorage, CopyInspector {
    let dataPath = "/nowhere"
    private let content = Mutex<[StorageSnapshot]>([])
    private let atomic = Mutex(true)

    init() {
        let names = ["1426700000000", "before-upgrade", "1426703600000"]
        content.withLock { content in
            content = names.enumerated().compactMap { place, name in
                SnapshotName(name).map {
                    StorageSnapshot(
                        name: $0,
                        createdSeconds: 1_426_700_000 + Int64(place) * 1800,
                        uniqueBytes: place == 1 ? nil : 4096 * Int64(place + 1),
                        referencedBytes: place == 1 ? nil : 5_368_709_120,
                        holds: place == 1 ? 1 : 0
                    )
                }
            }
        }
    }

    /// From here on snapshots are copies that take their time.
    func losesAtomicity() { atomic.withLock { $0 = false } }

    private func change(
        _ name: SnapshotName,
        _ change: (inout StorageSnapshot) throws(StorageFailure) -> Void
    ) throws(StorageFailure) {
        try content.withLock { (content) throws(StorageFailure) in
            guard let place = content.firstIndex(where: { $0.name == name }) else {
                throw StorageFailure(.missing, "there is no snapshot \(name)")
            }
            try change(&content[place])
        }
    }

    func capabilities() async throws(StorageFailure) -> StorageCapabilities {
        StorageCapabilities(
            streamFormat: "fake",
            snapshots: true,
            atomicSnapshots: atomic.withLock(\.self),
            incrementalSend: false,
            resumableReceive: false,
            delegation: false,
            remarks: ["snapshots of a directory are copies with shared blocks"]
        )
    }

    func snapshots() async throws(StorageFailure) -> [StorageSnapshot] { content.withLock(\.self) }

    func takeSnapshot(_ name: SnapshotName) async throws(StorageFailure) {
        try content.withLock { (content) throws(StorageFailure) in
            guard !content.contains(where: { $0.name == name }) else {
                throw StorageFailure(.exists, "\(name) is there already")
            }
            content.append(StorageSnapshot(name: name))
        }
    }

    func destroySnapshot(_ name: SnapshotName) async throws(StorageFailure) {
        try change(name) { (snapshot) throws(StorageFailure) in
            guard snapshot.holds == 0 else {
                throw StorageFailure(.held, "\(name) is kept by \(snapshot.holds) hold(s)")
            }
        }
        content.withLock { $0.removeAll { $0.name == name } }
    }

    func hold(_ name: SnapshotName, tag: String) async throws(StorageFailure) {
        try change(name) { $0.holds += 1 }
    }

    func release(_ name: SnapshotName, tag: String) async throws(StorageFailure) {
        try change(name) { $0.holds -= 1 }
    }

    func withClone<Result: Sendable>(
        of name: SnapshotName,
        _ body: @Sendable (String) async throws -> Result
    ) async throws -> Result {
        try change(name) { _ in }
        return try await body("/clones/\(name)")
    }

    func inspect(_ path: String) async throws -> CopyVerdict {
        switch path {
        case "/clones/before-upgrade":
            return CopyVerdict(
                findings: ["heap table \"app.public.t\", block 3: xmin 7 precedes 730"],
                databases: ["app", "postgres"],
                position: "0/3000148"
            )
        case "/clones/1426700000000":
            throw CopyUndecided("there is no /usr/lib/postgresql/13/bin/pg_amcheck")
        case _:
            return CopyVerdict(
                findings: [],
                databases: ["app", "postgres"],
                position: "0/5000028"
            )
        }
    }

    // What the commands have no business with.

    private static let unused = StorageFailure(.unsupported, "no command does this")

    func exists() async throws(StorageFailure) -> Bool { throw Self.unused }

    func prepare(creating: Bool, owner: StorageOwner?) async throws(StorageFailure) -> Bool {
        throw Self.unused
    }

    func rollBack(to name: SnapshotName) async throws(StorageFailure) { throw Self.unused }

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

    func space() async throws(StorageFailure) -> StorageSpace { throw Self.unused }
}
