import Logging
import ManateePorts
import ManateeSnapshots
import Synchronization
import Testing

@Suite("The watch over snapshots")
struct SnapshotWatchTests {
    private func watch(_ storage: MemoryStorage) -> SnapshotWatch {
        SnapshotWatch(
            storage: storage,
            logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func snapshots(_ names: String...) throws -> [StorageSnapshot] {
        try names.map { StorageSnapshot(name: try #require(SnapshotName($0))) }
    }

    @Test func `counts all, and takes the age of Manatee's newest`() async throws {
        var content = MemoryStorage.Content()
        content.snapshots = try snapshots("1700000000000", "1700000060000", "before-upgrade")
        content.space.usedBySnapshots = 4096
        let watch = watch(MemoryStorage(content))
        #expect(await watch.status == nil)
        await watch.look()
        let expected = SnapshotStatus(
            count: 3,
            newestMilliseconds: 1_700_000_060_000,
            bytes: 4096
        )
        #expect(await watch.status == expected)
    }

    @Test func `finds none where there is no data`() async throws {
        var content = MemoryStorage.Content()
        content.exists = false
        let watch = watch(MemoryStorage(content))
        await watch.look()
        #expect(await watch.status == SnapshotStatus(count: 0))
    }

    @Test func `forgets what it saw when the storage does not answer any more`() async throws {
        let storage = MemoryStorage(MemoryStorage.Content())
        let watch = watch(storage)
        await watch.look()
        #expect(await watch.status != nil)
        storage.content.withLock { $0.failure = StorageFailure(.timedOut, "zfs list did not end") }
        await watch.look()
        #expect(await watch.status == nil)
    }
}
