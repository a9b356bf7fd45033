import Foundation
import Logging
import ManateeBackup
import ManateePorts
import Synchronization
import Testing

extension StorageSuites {
    @Suite("Copying by a backup server", .serialized, .timeLimit(.minutes(5)))
    struct CopyTests {
        private let first = SnapshotName(milliseconds: 1_700_000_000_001)
        private let second = SnapshotName(milliseconds: 1_700_000_000_002)

        /// A storage with a file of this many bytes in its first snapshot.
        private func fill(_ storage: any DataStorage, bytes: Int = 3 << 20) async throws {
            _ = try await storage.prepare(creating: true, owner: nil)
            let big = Data((0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) })
            try big.write(to: URL(filePath: storage.file("big")))
            try storage.write("PG_VERSION", "15\n")
            try await storage.takeSnapshot(first)
        }

        private func expectSame(_ one: any DataStorage, _ other: any DataStorage) async throws {
            #expect(try await other.prepare(creating: false, owner: nil))
            let paths = (one.file("big"), other.file("big"))
            #expect(FileManager.default.contentsEqual(atPath: paths.0, andPath: paths.1))
        }

        @Test(arguments: StorageKind.available, CopyRequest.Compression.allCases)
        func `a whole copy arrives`(
            kind: StorageKind,
            compression: CopyRequest.Compression
        ) async throws {
            try await StorageWorld.with(kind) { world in
                try await fill(world.storage("one"))
                try await CopyWorld.with(world) { copy in
                    let target = world.storage("two")
                    let offer = try await copy.pull(
                        CopyRequest(compression: compression, postgresVersion: 15),
                        into: target
                    )
                    #expect(offer.snapshot == first)
                    #expect(offer.postgresVersion == 15)
                    try await expectSame(copy.source, target)
                    #expect(try await target.snapshots().map(\.name) == [first])
                    try await copy.settled()
                }
            }
        }

        @Test(arguments: StorageKind.incremental)
        func `a difference arrives on what an earlier copy brought`(kind: StorageKind) async throws
        {
            try await StorageWorld.with(kind) { world in
                try await fill(world.storage("one"))
                try await CopyWorld.with(world) { copy in
                    let target = world.storage("two")
                    try await copy.pull(into: target)
                    try copy.source.write("a", "2")
                    try await copy.source.takeSnapshot(second)
                    _ = try await target.prepare(creating: false, owner: nil)
                    try target.write("big", "lost")
                    let told = Mutex<Int64>(0)
                    let offer = try await copy.pull(
                        CopyRequest(having: try await target.snapshots().map(\.name)),
                        into: target
                    ) { progress in
                        told.withLock { $0 = progress.bytes }
                    }
                    #expect(offer.base == first)
                    #expect(told.withLock { $0 } < 1 << 20)
                    try await expectSame(copy.source, target)
                    #expect(try target.read("a") == "2")
                    #expect(try await target.snapshots().map(\.name) == [first, second])
                    #expect(try await target.isolated().isEmpty)
                    // A fresh one as well, taken for the purpose.
                    let fresh = try await copy.pull(
                        CopyRequest(
                            having: try await target.snapshots().map(\.name),
                            isFresh: true
                        ),
                        into: target
                    )
                    #expect(fresh.base == second)
                    #expect(try await target.snapshots().last?.name == fresh.snapshot)
                }
            }
        }

        /// Only ZFS: in a test both storages lie on one btrfs, where the base is found by its identity.
        @Test(.enabled(if: StorageKind.available.contains(.zfs), "\(StorageKind.absent)"))
        func `a base that only has the same name is refused by the receiver`() async throws {
            try await StorageWorld.with(.zfs) { world in
                try await fill(world.storage("one"))
                try world.storage("one").write("a", "2")
                try await world.storage("one").takeSnapshot(second)
                let target = world.storage("two")
                try await fill(target, bytes: 1000)
                try await CopyWorld.with(world) { copy in
                    let request = CopyRequest(having: [first])
                    let failure = await #expect(throws: CopyFailure.self) {
                        try await copy.pull(request, into: target)
                    }
                    #expect(failure?.kind == .noCommonSnapshot, "\(failure?.detail ?? "")")
                    #expect(try await target.snapshots().map(\.name) == [first])
                    _ = try await target.prepare(creating: false, owner: nil)
                    #expect(try target.read("PG_VERSION") == "15\n")
                }
            }
        }

        @Test(arguments: StorageKind.available)
        func `data of another PostgreSQL is refused before anything changes`(
            kind: StorageKind
        ) async throws {
            try await StorageWorld.with(kind) { world in
                try await fill(world.storage("one"))
                try await CopyWorld.with(world) { copy in
                    try await copy.expectFailure(
                        .wrongVersion,
                        CopyRequest(postgresVersion: 16),
                        into: world.storage("two")
                    )
                }
            }
        }

        @Test(arguments: StorageKind.available)
        func `a sender that is killed ends the copy, and the next one succeeds`(
            kind: StorageKind
        ) async throws {
            try await StorageWorld.with(kind) { world in
                try await fill(world.storage("one"), bytes: 32 << 20)
                try await CopyWorld.with(world, bytesPerSecond: 4 << 20) { copy in
                    let kills = Mutex(0)
                    try await copy.expectFailure(.sourceFailed, into: world.storage("two")) { _ in
                        let killed = TransferProcess.kill(.sender, of: world)
                        kills.withLock { $0 += killed }
                    }
                    #expect(kills.withLock { $0 } > 0)
                }
                try await CopyWorld.with(world) { copy in
                    let target = world.storage("two")
                    try await copy.pull(into: target)
                    try await expectSame(copy.source, target)
                }
            }
        }

        @Test(arguments: StorageKind.available)
        func `a receiver that is killed ends the copy, and leaves nothing`(
            kind: StorageKind
        ) async throws {
            try await StorageWorld.with(kind) { world in
                try await fill(world.storage("one"), bytes: 32 << 20)
                try await CopyWorld.with(world, bytesPerSecond: 4 << 20) { copy in
                    let target = world.storage("two")
                    let kills = Mutex(0)
                    let failure = await #expect(throws: CopyFailure.self) {
                        try await copy.pull(into: target) { _ in
                            let killed = TransferProcess.kill(.receiver, of: world)
                            kills.withLock { $0 += killed }
                        }
                    }
                    #expect(kills.withLock { $0 } > 0)
                    #expect(failure?.detail.contains("failed") == true)
                    #expect(try await !target.exists())
                    #expect(try await target.snapshots().isEmpty)
                    try await copy.settled()
                    #expect(TransferProcess.running(of: world).isEmpty)
                }
            }
        }

        @Test(arguments: StorageKind.available)
        func `a cancelled copy ends sender and receiver at once`(kind: StorageKind) async throws {
            try await StorageWorld.with(kind) { world in
                try await fill(world.storage("one"), bytes: 32 << 20)
                try await CopyWorld.with(world, bytesPerSecond: 2 << 20) { copy in
                    let target = world.storage("two")
                    let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
                    let began = ContinuousClock.now
                    await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            defer { beginning.finish() }
                            try await copy.pull(into: target) { _ in beginning.finish() }
                        }
                        for await _ in begun {}
                        #expect(!TransferProcess.running(of: world).isEmpty)
                        group.cancelAll()
                        let result = await group.nextResult()
                        let failure = #expect(throws: CopyFailure.self) { try result?.get() }
                        #expect(failure?.kind == .cancelled)
                    }
                    #expect(try await !target.exists())
                    try await copy.settled()
                    // Long before the copy would have been complete, or the job expired.
                    #expect(ContinuousClock.now - began < .seconds(16))
                    #expect(TransferProcess.running(of: world).isEmpty)
                }
            }
        }

        @Test(arguments: StorageKind.available)
        func `a server that is killed leaves no sender, and its next start no hold`(
            kind: StorageKind
        ) async throws {
            try await StorageWorld.with(kind) { world in
                let source = world.storage("one")
                try await fill(source, bytes: 32 << 20)
                let target = world.storage("two")
                let home = try BackupServerHome(world)
                let server = try await home.start(rateLimit: "2MB")
                let puller = BackupPuller(
                    token: try home.token,
                    outage: .seconds(2),
                    logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
                )
                let failure = await #expect(throws: CopyFailure.self) {
                    try await puller.pull(
                        CopyRequest(),
                        from: home.url,
                        into: target,
                        preparing: { _ in },
                        progress: { _ in kill(server.processIdentifier, SIGKILL) }
                    )
                }
                #expect(failure?.kind == .unreachable)
                server.waitUntilExit()
                #expect(try await !target.exists())
                #expect(try await target.snapshots().isEmpty)
                #expect(try await source.snapshots().map(\.holds) == [1])
                let next = try await home.start()
                let deadline = ContinuousClock.now.advanced(by: .seconds(20))
                while try await source.snapshots().contains(where: { $0.holds > 0 })
                    || !TransferProcess.running(of: world).isEmpty
                {
                    try #require(ContinuousClock.now < deadline, "a hold or a sender stays")
                    try await Task.sleep(for: .milliseconds(50))
                }
                _ = try await puller.pull(
                    CopyRequest(),
                    from: home.url,
                    into: target,
                    preparing: { _ in },
                    progress: { _ in }
                )
                try await expectSame(source, target)
                next.terminate()
                next.waitUntilExit()
                #expect(next.terminationStatus == 0)
            }
        }

        @Test(arguments: StorageKind.available)
        func `a disk that fills up ends the copy for that reason`(kind: StorageKind) async throws {
            try await StorageWorld.with(kind) { world in
                // Two hundred megabytes that cannot be made shorter, twice, do not fit.
                let source = world.storage("one")
                _ = try await source.prepare(creating: true, owner: nil)
                try HostTool.run(
                    "/usr/bin/dd",
                    "if=/dev/urandom",
                    "of=\(source.file("big"))",
                    "bs=1M",
                    "count=280",
                    "conv=fsync"
                )
                try await source.takeSnapshot(first)
                try await CopyWorld.with(world) { copy in
                    try await copy.expectFailure(.noSpace, into: world.storage("two"))
                }
            }
        }
    }
}
