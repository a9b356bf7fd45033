import Foundation
import ManateePorts
import Synchronization
import Testing

extension StorageSuites {
    @Suite("Sending and receiving snapshots", .serialized, .timeLimit(.minutes(5)))
    struct TransferTests {
        private let first = SnapshotName(milliseconds: 1_700_000_000_001)
        private let second = SnapshotName(milliseconds: 1_700_000_000_002)

        /// A storage with a file of 3 MB in its first snapshot, and a small one more in its second.
        private func filled(_ world: StorageWorld) async throws -> any DataStorage {
            let storage = world.storage("one")
            _ = try await storage.prepare(creating: true, owner: nil)
            let big = Data((0..<3 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) })
            try big.write(to: URL(filePath: storage.file("big")))
            try await storage.takeSnapshot(first)
            try storage.write("a", "2")
            try await storage.takeSnapshot(second)
            return storage
        }

        @Test(arguments: StorageKind.available)
        func `a snapshot arrives as it is`(kind: StorageKind) async throws {
            try await StorageWorld.with(kind) { world in
                let source = try await filled(world)
                let target = world.storage("two")
                let name = second
                try await source.send(name, since: nil) { stream in
                    try await target.receive(name, since: nil, from: stream)
                }
                #expect(try await target.prepare(creating: false, owner: nil))
                #expect(try target.read("a") == "2")
                let paths = (source.file("big"), target.file("big"))
                #expect(FileManager.default.contentsEqual(atPath: paths.0, andPath: paths.1))
                #expect(try await target.snapshots().map(\.name) == [name])
                let names = try FileManager.default.contentsOfDirectory(atPath: target.dataPath)
                #expect(names.filter { $0.hasPrefix(".manatee") }.isEmpty)
                try target.write("a", "writable")
                await expectFailure(.exists) {
                    try await target.receive(name, since: nil, from: ListStream(chunks: []))
                }
                await expectFailure(.missing) {
                    _ = try await source.send(try .example("none"), since: nil, collected)
                }
            }
        }

        @Test(arguments: StorageKind.incremental)
        func `a difference arrives on its base`(kind: StorageKind) async throws {
            try await StorageWorld.with(kind) { world in
                let source = try await filled(world)
                let target = world.storage("two")
                let (first, second) = (first, second)
                try await source.send(first, since: nil) { stream in
                    try await target.receive(first, since: nil, from: stream)
                }
                _ = try await target.prepare(creating: false, owner: nil)
                try target.write("big", "lost")
                let difference = try await source.send(second, since: first, collected)
                #expect(difference.map(\.count).reduce(0, +) < 1 << 20)
                try await target.receive(second, since: first, from: ListStream(chunks: difference))
                _ = try await target.prepare(creating: false, owner: nil)
                #expect(try target.read("a") == "2")
                let paths = (source.file("big"), target.file("big"))
                #expect(FileManager.default.contentsEqual(atPath: paths.0, andPath: paths.1))
                #expect(try await target.snapshots().map(\.name) == [first, second])
                await expectFailure(.noCommonSnapshot) {
                    try await target.receive(
                        second,
                        since: first,
                        from: ListStream(chunks: difference)
                    )
                }
            }
        }

        @Test(.enabled(if: StorageKind.available.contains(.xfs), "\(StorageKind.absent)"))
        func `a directory refuses differences`() async throws {
            try await StorageWorld.with(.xfs) { world in
                let source = try await filled(world)
                let base = first
                await expectFailure(.unsupported) {
                    _ = try await source.send(second, since: base, collected)
                }
            }
        }

        @Test(arguments: StorageKind.available)
        func `nothing of a stream that is cut stays`(kind: StorageKind) async throws {
            struct Lost: Error {}
            try await StorageWorld.with(kind) { world in
                let source = try await filled(world)
                let target = world.storage("two")
                let whole = try await source.send(first, since: nil, collected)
                let bytes = whole.flatMap { $0 }
                // The last one cuts an archive right before its mark, which tar would not notice.
                for length in [0, 100, bytes.count / 2, bytes.count - 20_000, (3 << 20) + 1024] {
                    let cut = ListStream(chunks: [Array(bytes.prefix(length))])
                    await expectFailure(.badStream) {
                        try await target.receive(first, since: nil, from: cut)
                    }
                    #expect(try await !target.exists())
                    #expect(try await target.snapshots().isEmpty)
                }
                await #expect(throws: Lost.self) {
                    let lost = ListStream(chunks: Array(whole.prefix(2)), error: Lost())
                    try await target.receive(first, since: nil, from: lost)
                }
                #expect(try await !target.exists())
                #expect(try await target.snapshots().isEmpty)
                try await target.receive(first, since: nil, from: ListStream(chunks: whole))
                #expect(try await target.exists())
            }
        }

        @Test(arguments: StorageKind.available)
        func `cancelling ends the receiver and leaves nothing`(kind: StorageKind) async throws {
            try await StorageWorld.with(kind) { world in
                let source = try await filled(world)
                let target = world.storage("two")
                let name = first
                let whole = try await source.send(name, since: nil, collected)
                let start = Array(whole.flatMap { $0 }.prefix(1 << 20))
                let (stalled, signal) = AsyncStream.makeStream(of: Void.self)
                let began = ContinuousClock.now
                await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        let stream = StalledStream(first: start) { signal.finish() }
                        try await target.receive(name, since: nil, from: stream)
                    }
                    for await _ in stalled {}
                    group.cancelAll()
                    let result = await group.nextResult()
                    #expect(throws: (any Error).self) { try result?.get() }
                }
                #expect(ContinuousClock.now - began < .seconds(20))
                #expect(try await !target.exists())
                #expect(try await target.snapshots().isEmpty)
            }
        }

        @Test(arguments: StorageKind.available)
        func `a sender waits for its consumer, and ends with it`(kind: StorageKind) async throws {
            try await StorageWorld.with(kind) { world in
                let source = try await filled(world)
                let count = try await source.send(first, since: nil) { stream in
                    try await firstChunk(of: stream)
                }
                #expect(count > 0)
                // A pipe and one chunk hold far less than 3 MB: the sender cannot have been done.
                #expect(count < 1 << 20)
                try await source.destroySnapshot(second)
                try await source.destroySnapshot(first)
            }
        }
    }
}

private func firstChunk(of stream: any StorageStream) async throws -> Int {
    try await length(of: stream)
}

private func length(of stream: some StorageStream) async throws -> Int {
    for try await chunk in stream { return chunk.count }
    return 0
}
