import Foundation
import Glibc
import ManateeProcesses
import Testing

@Suite("A program that is started", .timeLimit(.minutes(1)))
struct SpawnTests {
    private let directory = FileManager.default.temporaryDirectory
        .appending(path: "manatee-spawn-\(UUID().uuidString)")

    /// What a script wrote, and how it ended.
    private func run(
        _ script: String,
        prepare: (inout Spawn, String) throws -> Void = { _, _ in }
    ) throws -> (exit: ProcessExit, output: String) {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "output").path
        var spawn = Spawn(["/bin/sh", "-c", script], output: .newFile(file, mode: 0o600))
        try prepare(&spawn, file)
        let exit = ProcessExit(reaping: try spawn.start())
        return (exit, try String(contentsOfFile: file, encoding: .utf8))
    }

    @Test func `leads a session of its own`() throws {
        let result = try run("cut -d' ' -f6 /proc/$$/stat; echo $$")
        let numbers = result.output.split(separator: "\n")
        #expect(numbers.count == 2)
        #expect(numbers.first == numbers.last)
    }

    @Test func `does not get a file that happens to be open`() throws {
        // A descriptor that nobody marked to be closed.
        let open = dup(0)
        defer { close(open) }
        #expect(try run("test -e /proc/$$/fd/\(open)").exit == .status(1))
        #expect(try run("test -e /proc/$$/fd/2").exit == .status(0))
    }

    @Test func `has no signal ignored`() throws {
        let before = signal(SIGUSR1, SIG_IGN)
        defer { signal(SIGUSR1, before) }
        #expect(try run("kill -USR1 $$; echo still there").exit == .signal(SIGUSR1))
    }

    @Test func `writes to the end of a file that is there, or empties it`() throws {
        let kept = try run("echo two") { spawn, file in
            try "one\n".write(toFile: file, atomically: true, encoding: .utf8)
            spawn.output = .endOfFile(file, mode: 0o600)
        }
        #expect(kept.output == "one\ntwo\n")
        let emptied = try run("echo two") { _, file in
            try "one\n".write(toFile: file, atomically: true, encoding: .utf8)
        }
        #expect(emptied.output == "two\n")
    }

    @Test func `is watched to its end, and no longer`() throws {
        var spawn = Spawn(["/bin/sleep", "600"], output: .newFile("/dev/null", mode: 0o600))
        spawn.directory = "/"
        let pid = try spawn.start()
        let process = try ProcessDescriptor(pid)
        let endedBefore = process.waitForEnd(within: .milliseconds(50))
        #expect(!endedBefore)
        process.send(SIGKILL)
        let ended = process.waitForEnd()
        #expect(ended)
        #expect(ProcessExit(reaping: pid) == .signal(SIGKILL))
        #expect(ProcessExit(reaping: pid) == .unknown)
        process.send(SIGKILL)
        #expect(throws: ProcessFailure.self) { _ = try ProcessDescriptor(pid) }
    }
}
