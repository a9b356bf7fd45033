import Foundation
import Testing

@testable import ManateeLocal

@Suite("The directory of a local shard", .serialized)
struct DevDirectoryTests {
    private func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
        let path =
            FileManager.default.temporaryDirectory.path
            + "/manatee-dir-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer {
            // Nothing that a test can do about it.
            try? FileManager.default.removeItem(atPath: path)
        }
        try body(path)
    }

    @Test func `is made, found again, and removed`() throws {
        try withTemporaryDirectory { path in
            let directory = DevDirectory(path: path + "/shard")
            try directory.prepare()
            try directory.prepare()
            #expect(directory.isMarked)
            try directory.remove()
            #expect(!FileManager.default.fileExists(atPath: directory.path))
        }
    }

    @Test func `is never taken or removed when it holds something else`() throws {
        try withTemporaryDirectory { path in
            try "mine".write(toFile: path + "/file", atomically: true, encoding: .utf8)
            let directory = DevDirectory(path: path)
            #expect(throws: DevDirectoryFailure.foreign(path: directory.path)) {
                try directory.prepare()
            }
            #expect(throws: DevDirectoryFailure.foreign(path: directory.path)) {
                try directory.remove()
            }
            #expect(FileManager.default.fileExists(atPath: path + "/file"))
        }
    }

    @Test func `keeps sockets where their path is short enough`() {
        let short = DevDirectory(path: "/tmp/a")
        #expect(short.socketDirectory(1) == "/tmp/a/sitter1/socket")
        let long = DevDirectory(path: "/tmp/" + String(repeating: "a", count: 90))
        #expect(long.socketDirectory(1).utf8.count < 80)
        #expect(long.socketDirectory(1) != long.socketDirectory(2))
        #expect(long.socketDirectory(1) == DevDirectory(path: long.path + "/").socketDirectory(1))
    }

    @Test func `remembers its settings`() throws {
        try withTemporaryDirectory { path in
            let directory = DevDirectory(path: path + "/shard")
            try directory.prepare()
            #expect(try DevSettings.load(from: directory) == nil)
            let settings = DevSettings(
                shard: "1",
                ports: PortPlan(peers: [.init(postgres: 1, backup: 3)], storeNodes: [4]),
                sessionTimeoutMilliseconds: 2000,
                tickMilliseconds: 500
            )
            try settings.save(to: directory)
            #expect(try DevSettings.load(from: directory) == settings)
        }
    }

    @Test func `knows the process that was started for it`() throws {
        try withTemporaryDirectory { path in
            let file = PidFile(path: path + "/own.json")
            #expect(file.running == nil)
            var own = try #require(ProcessRecord(running: getpid()))
            try file.write(own)
            #expect(file.running == own)
            own.startTicks += 1
            try file.write(own)
            #expect(file.running == nil)
            file.remove()
            #expect(!FileManager.default.fileExists(atPath: file.path))
        }
    }
}
