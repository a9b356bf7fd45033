import Foundation
import Glibc
import Logging
import ManateeCore
import ManateePorts
import ManateePostgres
import ManateeStorage
import Testing

extension StorageSuites {
    /// Where snapshots hold everything that was ever written, room comes only from what they do not
    /// hold.
    @Suite("A reserve", .serialized, .timeLimit(.minutes(5)))
    struct ReserveTests {
        private static let size: Int64 = 20 << 20

        @Test(arguments: StorageKind.available)
        func `gives its room back on a full disk, also with snapshots`(
            kind: StorageKind
        ) async throws {
            try await StorageWorld.with(kind) { world in
                let storage = world.storage()
                _ = try await storage.prepare(creating: true, owner: nil)
                let room = try room(of: world, at: storage.dataPath)
                #expect(await !room.hasReserve())
                try await room.makeReserve()
                #expect(await room.hasReserve())
                #expect(write(1 << 20, to: storage.file("data/old")) == 0)
                if kind != .xfs { try await storage.takeSnapshot(.example("holds-all")) }

                #expect(write(.max, to: storage.file("data/filling")) == ENOSPC)
                #expect(write(1 << 20, to: storage.file("data/refused")) == ENOSPC)
                try await room.releaseReserve()
                #expect(await !room.hasReserve())
                // Figures lag behind on btrfs; what counts is what can be written.
                #expect(write(Self.size / 2, to: storage.file("data/recovery")) == 0)
                // Releasing again is harmless, and what is full can be emptied.
                try await room.releaseReserve()
                try FileManager.default.removeItem(atPath: storage.file("data/filling"))
            }
        }

        private func room(of world: StorageWorld, at data: String) throws -> any DataRoom {
            try FileManager.default.createDirectory(
                atPath: data + "/data",
                withIntermediateDirectories: true
            )
            let side = data + ".manatee"
            try FileManager.default.createDirectory(
                atPath: side,
                withIntermediateDirectories: true
            )
            let logger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
            return world.settings().room(reserve: .bytes(Self.size), logger: logger)
                ?? DataDisk(
                    dataDirectory: data + "/data",
                    reserveFile: side + "/reserve",
                    reserve: .bytes(Self.size)
                )
        }

        /// Writes bytes that do not compress to the disk itself.
        ///
        /// - Returns: the error; 0 if there was none.
        private func write(_ count: Int64, to path: String) -> Int32 {
            let chunk = (0..<(1 << 20)).map { _ in UInt8.random(in: 0...255) }
            let file = open(path, O_WRONLY | O_CREAT, 0o600)
            guard file >= 0 else { return errno }
            defer { close(file) }
            var written: Int64 = 0
            while written < count {
                let size = Int(min(Int64(chunk.count), count - written))
                let result = Glibc.write(file, chunk, size)
                guard result > 0 else { return errno }
                written += Int64(result)
            }
            return fsync(file) == 0 ? 0 : errno
        }
    }
}
