import Foundation
import Logging
import ManateePorts
import ManateeStorage
import Testing

@Suite("A directory on a file system without reflinks")
struct PlainDirectoryTests {
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/shm"), "no /dev/shm"))
    func `says that it has no snapshots, and can be set aside`() async throws {
        let root = "/dev/shm/manatee-\(UUID().uuidString.prefix(8))"
        defer {
            // It may never have been made.
            try? FileManager.default.removeItem(atPath: root)
        }
        let logger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        let storage = StorageSettings.directory(TreeSettings(root: root)).storage(logger: logger)
        let able = try await storage.capabilities()
        #expect(!able.snapshots)
        #expect(able.remarks.first?.contains("pg_basebackup") == true)
        #expect(try await storage.prepare(creating: true, owner: nil))
        try storage.write("a", "1")
        let name = try SnapshotName.example("1700000000001")
        await expectFailure(.unsupported) { try await storage.takeSnapshot(name) }
        #expect(try await storage.snapshots().isEmpty)
        let isolated = try #require(try await storage.isolate(.rebuild))
        #expect(try await !storage.exists())
        try await storage.destroyIsolated(isolated)
        #expect(try await storage.isolated().isEmpty)
    }
}
