import Logging
import ManateeCore
import ManateePorts
import ManateeSitter
import Synchronization
import Testing

@Suite("The watch over a disk")
struct SpaceWatchTests {
    /// A disk and a store in memory.
    private final class World: DataRoom, ElectionStanding {
        struct Content: Sendable {
            var free: Int64 = 1000
            var isReadOnly = false
            var reserve = false
            var healthy = true
            var storeAway = false
            var announced: [String?] = []
        }

        let content = Mutex(Content())

        func space() throws(EffectFailure) -> StorageSpace {
            content.withLock { content in
                StorageSpace(
                    total: 1000 << 20,
                    free: content.free << 20,
                    usedBySnapshots: nil,
                    isReadOnly: content.isReadOnly
                )
            }
        }

        func hasReserve() -> Bool { content.withLock(\.reserve) }

        func makeReserve() throws(EffectFailure) { content.withLock { $0.reserve = true } }

        func releaseReserve() throws(EffectFailure) { content.withLock { $0.reserve = false } }

        func announce(shortage: String?) async throws(EffectFailure) {
            let isAway = content.withLock { content in
                if !content.storeAway { content.announced.append(shortage) }
                return content.storeAway
            }
            if isAway { throw EffectFailure("no connection") }
        }
    }

    private let world = World()

    private func watch() -> SpaceWatch {
        SpaceWatch(
            limits: SpaceLimits(warning: .bytes(200 << 20), critical: .bytes(100 << 20)),
            room: world,
            election: world,
            isHealthy: { [world] in world.content.withLock(\.healthy) },
            logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func look(_ watch: SpaceWatch, free: Int64) async {
        world.content.withLock { $0.free = free }
        await watch.look()
    }

    @Test func `tells the others when room is critical, and when there is room again`() async {
        let watch = watch()
        for free: Int64 in [1000, 150, 90, 80, 5, 130, 1000] { await look(watch, free: free) }
        #expect(
            world.content.withLock(\.announced)
                == ["90 MB free of 1000 MB", "5 MB free of 1000 MB", nil]
        )
        #expect(await watch.status.level == .enough)
    }

    @Test func `takes a file system that turned read-only for a full one`() async {
        let watch = watch()
        world.content.withLock { $0.isReadOnly = true }
        await look(watch, free: 1000)
        #expect(world.content.withLock(\.announced) == ["the file system is read-only"])
        #expect(await watch.status.level == .exhausted)
    }

    @Test func `tells again what the store did not take`() async {
        let watch = watch()
        world.content.withLock { $0.storeAway = true }
        await look(watch, free: 90)
        #expect(world.content.withLock(\.announced) == [])
        world.content.withLock { $0.storeAway = false }
        await look(watch, free: 80)
        #expect(world.content.withLock(\.announced) == ["80 MB free of 1000 MB"])
    }

    @Test func `keeps a reserve, which goes only when postgres cannot do without`() async {
        let watch = watch()
        await look(watch, free: 1000)
        #expect(world.hasReserve())
        await look(watch, free: 5)
        #expect(world.hasReserve())
        world.content.withLock { $0.healthy = false }
        await look(watch, free: 50)
        #expect(world.hasReserve())
        await look(watch, free: 5)
        #expect(!world.hasReserve())
        await look(watch, free: 150)
        #expect(!world.hasReserve())
        world.content.withLock { $0.healthy = true }
        await look(watch, free: 1000)
        #expect(world.hasReserve())
    }

    @Test func `makes no reserve while there may be a copy on its way`() async {
        let watch = watch()
        world.content.withLock { $0.healthy = false }
        await look(watch, free: 1000)
        #expect(!world.hasReserve())
    }
}
