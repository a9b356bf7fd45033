import Foundation
import Glibc
import ManateeCore
import ManateeGuard
import ManateeLocal
import ManateePorts
import ManateePostgres
import Testing

/// The guard against real servers.
@Suite(
    "A guard beside postgres",
    .serialized,
    .timeLimit(.minutes(3)),
    .enabled(if: PostgresFixture.available, PostgresFixture.remedy)
)
struct GuardTests {
    @Test func `stops it when the limit has passed since the sitter's death, and not before`()
        async throws
    {
        try await PostgresFixture.with(["a"]) { _, nodes in
            let a = nodes[0]
            _ = try await a.server.configure(.primary(1, nil))
            let pid = a.pid
            let run = try GuardRun(a, limit: .seconds(2))
            try run.say(.alive)
            let death = ContinuousClock.now
            try run.die()
            try await expectEventually("postgres ended") { a.lost }
            #expect(ContinuousClock.now - death >= .seconds(2))
            try await expectEventually("the guard left") { !run.process.isRunning }
            #expect(run.written.contains(#""reason":"the sitter is dead""#))
            #expect(run.written.contains(#""limit.milliseconds":2000,"#))
            #expect(run.written.contains(#""postgres.pid":\#(pid),"postgres.signal":"SIGQUIT""#))
        }
    }

    @Test func `kills one that does not end when it is asked to`() async throws {
        try await PostgresFixture.with(["a"]) { _, nodes in
            let a = nodes[0]
            _ = try await a.server.configure(.primary(1, nil))
            let run = try GuardRun(a, limit: .milliseconds(200))
            kill(a.pid, SIGSTOP)
            try run.die()
            try await expectEventually("postgres ended") { a.lost }
            try await expectEventually("nothing of it is left") {
                ServerProcesses.running(in: a.settings.dataDirectory).isEmpty
                    && !run.process.isRunning
            }
            #expect(run.written.contains("SIGKILL"))
        }
    }

    @Test func `leaves it to a sitter that came meanwhile`() async throws {
        try await PostgresFixture.with(["a"]) { _, nodes in
            let a = nodes[0]
            _ = try await a.server.configure(.primary(1, nil))
            let run = try GuardRun(a, limit: .seconds(30), sitter: "sitter 1")
            try "sitter 1\n".write(toFile: run.file, atomically: false, encoding: .utf8)
            try run.die()
            #expect(run.process.isRunning)
            try "sitter 2\n".write(toFile: run.file, atomically: false, encoding: .utf8)
            try await expectEventually("the guard left") { !run.process.isRunning }
            #expect(!a.lost)
            #expect(try await a.value("select 1") == "1")
        }
    }

    @Test func `stops nothing while another sitter is about to adopt it`() async throws {
        try await PostgresFixture.with(["a"]) { _, nodes in
            let a = nodes[0]
            _ = try await a.server.configure(.primary(1, nil))
            let run = try GuardRun(a, limit: .milliseconds(300))
            let other = open(run.file, O_RDWR | O_CLOEXEC)
            defer { close(other) }
            #expect(flock(other, LOCK_EX) == 0)
            try run.die()
            // Long enough for the limit to pass: what is tested is that nothing happens then.
            try await Task.sleep(for: .seconds(2))
            #expect(run.process.isRunning && !a.lost)
            try "sitter 2\n".write(toFile: run.file, atomically: false, encoding: .utf8)
            try await expectEventually("the guard left") { !run.process.isRunning }
            #expect(!a.lost)
        }
    }

    @Test func `stops it when the sitter stands still, and guards the next one`() async throws {
        try await PostgresFixture.with(["a"]) { _, nodes in
            let a = nodes[0]
            _ = try await a.server.configure(.primary(1, nil))
            let run = try GuardRun(a, limit: .seconds(1))
            try run.say(.alive)
            try await expectEventually("postgres ended") { a.lost }
            // It writes when it saw that the server is gone, which the server's own sitter sees too.
            try await expectEventually("the guard said why") {
                run.written.contains("the sitter stands still")
            }
            #expect(run.process.isRunning)

            try run.say(.alive)
            // Nobody says more, so on a busy machine it is stopped while it still starts.
            _ = try? await a.server.configure(.primary(1, nil))
            try await expectEventually("postgres ended again") { await !a.server.status().running }
            try run.say(.dismissed)
            try await expectEventually("the guard left") { !run.process.isRunning }
        }
    }

    @Test func `does not take a machine that stood still for a sitter that does`() async throws {
        try await PostgresFixture.with(["a"]) { _, nodes in
            let a = nodes[0]
            _ = try await a.server.configure(.primary(1, nil))
            let run = try GuardRun(a, limit: .seconds(2))
            try run.say(.alive)
            kill(run.process.processIdentifier, SIGSTOP)
            // The time that both stand still is what is tested.
            try await Task.sleep(for: .seconds(3))
            kill(run.process.processIdentifier, SIGCONT)
            try await Task.sleep(for: .milliseconds(200))
            #expect(!a.lost && !run.written.contains("stands still"))
            try run.say(.dismissed)
            try await expectEventually("the guard left") { !run.process.isRunning }
            #expect(!a.lost)
        }
    }

    @Test func `is replaced when it is gone or stands still, and dismissed in the end`()
        async throws
    {
        try await PostgresFixture.with(
            ["a"],
            change: {
                $0.guarding = .init(
                    program: GuardRun.program,
                    file: $0.dataDirectory + ".guard",
                    limit: .seconds(2)
                )
            },
            { _, nodes in
                let a = nodes[0]
                let data = a.settings.dataDirectory
                _ = try await a.server.configure(.primary(1, nil))
                let postmaster = a.pid
                let first = try #require(GuardProcesses.running(for: data).first)
                kill(first.pid, SIGKILL)
                try await expectEventually("another guard runs") {
                    GuardProcesses.running(for: data).contains { $0.pid != first.pid }
                }
                let second = try #require(GuardProcesses.running(for: data).first)
                kill(second.pid, SIGSTOP)
                try await expectEventually("another guard runs in place of the frozen one") {
                    let running = GuardProcesses.running(for: data)
                    return running.count == 1 && running[0].pid != second.pid
                }
                #expect(!a.lost)
                #expect(a.pid == postmaster)
                await a.server.shutDown(within: .seconds(10))
                try await expectEventually("no guard runs") {
                    GuardProcesses.running(for: data).isEmpty
                }
            }
        )
    }

    @Test func `needs little memory`() async throws {
        try await PostgresFixture.with(["a"]) { _, nodes in
            let a = nodes[0]
            _ = try await a.server.configure(.primary(1, nil))
            let run = try GuardRun(a, limit: .seconds(30))
            let pid = run.process.processIdentifier
            try await expectEventually("it runs") {
                try String(contentsOfFile: "/proc/\(pid)/wchan", encoding: .utf8).contains("poll")
            }
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssAnon") })
            let kilobytes = try #require(Int(line.filter(\.isNumber)))
            #expect(kilobytes < 4096, "\(line)")
            try run.say(.dismissed)
            try await expectEventually("the guard left") { !run.process.isRunning }
        }
    }
}
