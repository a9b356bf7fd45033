import Foundation
import Testing

@testable import ManateeLocal

@Suite("A process record")
struct ProcessRecordTests {
    @Test func `reads a stat line whose name has spaces and parentheses`() throws {
        let line = "42 (a) (b c) S 7 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 98765 0 0"
        let facts = try #require(ProcessRecord.Facts(statLine: line))
        #expect(facts.state == "S")
        #expect(facts.parent == 7)
        #expect(facts.startTicks == 98765)
        #expect(ProcessRecord.Facts(statLine: "42 (a) S 7") == nil)
        #expect(ProcessRecord.Facts(statLine: "") == nil)
    }

    @Test func `knows the running process from a later one of the same number`() throws {
        let own = try #require(ProcessRecord(running: getpid()))
        #expect(own.isRunning)
        var later = own
        later.startTicks += 1
        #expect(!later.isRunning)
        #expect(ProcessRecord(running: Int32.max) == nil)
    }

    @Test func `finds the descendants of a process`() async throws {
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", "read line & read line"]
        shell.standardInput = Pipe()
        try shell.run()
        defer {
            shell.terminate()
            shell.waitUntilExit()
        }
        let own = try #require(ProcessRecord(running: getpid()))
        #expect(own.descendants().map(\.pid).contains(shell.processIdentifier))
    }
}
