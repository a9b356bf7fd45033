import Foundation
import ManateeCore
import ManateeHooks
import ManateePorts
import Testing

@Suite("Hooks that are programs", .timeLimit(.minutes(1)))
struct ProcessHooksTests {
    private let notice = HookNotice(
        event: .takeover,
        peer: PeerID("a:5432:12345"),
        shard: "1",
        generation: Generation(7),
        roleBefore: .sync,
        roleAfter: .primary,
        primaryURL: "tcp://postgres@a:5432/postgres"
    )

    private func run(_ script: String, limit: Duration = .seconds(30)) async -> HookResult? {
        await ProcessHooks([.takeover: ["/bin/sh", "-c", script]], limit: limit).run(notice)
    }

    @Test func `read what happened as JSON`() async {
        let text = """
            {"event":"takeover","generation":7,"outcome":null,"peer":"a:5432:12345",\
            "primaryUrl":"tcp://postgres@a:5432/postgres","roleAfter":"primary",\
            "roleBefore":"sync","shard":"1"}

            """
        #expect(await run("cat") == HookResult(.exited(0), output: text))
    }

    @Test func `are given their arguments as they are, without a shell`() async {
        let hooks = ProcessHooks([.takeover: ["/bin/echo", "$HOME; *"]], limit: .seconds(30))
        #expect(await hooks.run(notice) == HookResult(.exited(0), output: "$HOME; *\n"))
    }

    @Test func `end with their status, and both outputs are kept`() async {
        let result = await run("echo one; echo two >&2; exit 3")
        #expect(result == HookResult(.exited(3), output: "one\ntwo\n"))
        #expect(await run("kill -TERM $$") == HookResult(.exited(143)))
    }

    @Test func `that hang are killed with their group`() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "pid").path
        let result = await run("sleep 600 & echo $! > \(file); wait", limit: .seconds(2))
        #expect(result == HookResult(.timedOut(.seconds(2))))
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let child = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        while isRunning(child) { try await Task.sleep(for: .milliseconds(10)) }
    }

    @Test func `that write without end are killed, and the end of it is kept`() async {
        let result = await run("yes")
        #expect(result?.end == .tooMuchOutput(1 << 20))
        #expect(result?.output.utf8.count == 4096)
    }

    @Test func `are killed when the sitter ends`() async {
        let task = Task { await run("sleep 600", limit: .seconds(600)) }
        task.cancel()
        #expect(await task.value?.end == .cancelled)
    }

    @Test func `that cannot be started say why`() async {
        let hooks = ProcessHooks([.takeover: ["/nowhere/hook"]], limit: .seconds(30))
        let why = "cannot start /nowhere/hook: No such file or directory"
        #expect(await hooks.run(notice) == HookResult(.notStarted(why)))
    }

    @Test func `are none where none is configured`() async {
        #expect(await ProcessHooks([:], limit: .seconds(30)).run(notice) == nil)
    }

    /// Whether the process lives; one that only waits to be collected does not.
    private func isRunning(_ pid: Int32) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else {
            return false
        }
        return !stat.contains(") Z ")
    }
}
