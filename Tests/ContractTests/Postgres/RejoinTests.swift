import Foundation
import Glibc
import ManateeCore
import ManateePorts
import ManateePostgres
import Testing

@Suite(
    "A former primary",
    .serialized,
    .enabled(if: PostgresFixture.available, PostgresFixture.remedy)
)
struct RejoinTests {
    /// Kills the primary a, lets b take over behind it with c, and returns.
    private func takeOver(
        _ a: PostgresFixture.Node,
        _ b: PostgresFixture.Node,
        diverging: Bool
    ) async throws {
        _ = try await b.server.stopAcknowledgements(.detachFromUpstream)
        if diverging {
            _ = try await a.ask(
                "set synchronous_commit = local; insert into t select generate_series(1000, 1009)"
            )
        }
        kill(a.pid, SIGKILL)
        try await expectEventually("the death was told") { a.lost }
        _ = try await b.server.configure(.primary(2, a))
    }

    /// Tells the directory from a copy that took its place.
    private func identity(_ node: PostgresFixture.Node) throws -> Int {
        let facts = try FileManager.default.attributesOfItem(atPath: node.settings.dataDirectory)
        return try #require(facts[.systemFileNumber] as? Int)
    }

    private func entries(_ node: PostgresFixture.Node) -> [String] {
        // No directory, no entries.
        (try? FileManager.default.contentsOfDirectory(atPath: node.settings.setAsideDirectory))
            ?? []
    }

    @Test(.timeLimit(.minutes(3)))
    func `that did not diverge follows without a rewind`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            try await takeOver(a, b, diverging: false)
            let directory = try identity(a)
            let begin = ContinuousClock.now
            _ = try await a.server.configure(.standby(of: b, mustStream: true))
            #expect(try identity(a) == directory)
            print("back without a rewind: \(ContinuousClock.now - begin)")
            try await expectEventually("writes are open") { !b.events.isEmpty }
            #expect(entries(a) == [])
            let client = try await fixture.connect(to: b)
            _ = try await client.query("insert into t values (1)")
            _ = try await fixture.connect(to: a)
        }
    }

    /// With "0" the new primary no longer has the segment with the fork, a case in which pg_rewind
    /// reports success and leaves a copy that never recovers; then a new copy is right, too.
    @Test(.timeLimit(.minutes(3)), arguments: ["64MB", "0"])
    func `that diverged is rewound, and what it had alone is set aside`(
        walKeepSize: String
    ) async throws {
        try await PostgresFixture.with(
            ["a", "b"],
            change: { $0.walKeepSize = walKeepSize }
        ) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            try await takeOver(a, b, diverging: true)
            for _ in 0..<2 {
                _ = try await b.ask(
                    "select pg_logical_emit_message(false, 'x', 'y'), pg_switch_wal()"
                )
            }
            _ = try await b.ask("checkpoint")
            let directory = try identity(a)
            let begin = ContinuousClock.now
            _ = try await a.server.configure(.standby(of: b, mustStream: true))
            let rewound = try identity(a) == directory
            #expect(rewound || walKeepSize == "0")
            print("back, rewound \(rewound): \(ContinuousClock.now - begin)")
            try await expectEventually("writes are open") { !b.events.isEmpty }
            let kept = try #require(entries(a).first)
            #expect(entries(a).count == 1 && kept.contains("-diverged-"))
            #expect(
                FileManager.default.fileExists(
                    atPath: a.settings.setAsideDirectory + "/\(kept)/README"
                )
            )
            #expect(try await a.value("select count(*) from t where n >= 1000") == "0")
            let client = try await fixture.connect(to: b)
            _ = try await client.query("insert into t values (1)")
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `that cannot be rewound is copied anew`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            _ = try await a.ask(
                "revoke execute on function pg_read_binary_file(text) from manatee_replication"
            )
            try await takeOver(a, b, diverging: true)
            let directory = try identity(a)
            _ = try await a.server.configure(.standby(of: b, mustStream: true))
            #expect(try identity(a) != directory)
            try await expectEventually("writes are open") { !b.events.isEmpty }
            #expect(!entries(a).contains { $0.contains("-rebuild-") })
            #expect(entries(a).contains { $0.contains("-diverged-") })
            #expect(try await a.value("select count(*) from t where n >= 1000") == "0")
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `is not started while nobody can tell whether it diverged`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            kill(a.pid, SIGKILL)
            try await expectEventually("the death was told") { a.lost }
            await b.server.shutDown(within: .seconds(5))
            await #expect {
                try await a.server.configure(.standby(of: b, mustStream: true))
            } throws: { error in
                (error as? PostgresFailure)?.kind == .sourceUnreachable
            }
            #expect(await a.server.status().running == false)
            // A standby's copy may be started at any time.
            _ = try await b.server.configure(.standby(of: a))
            #expect(await b.server.status().running)
        }
    }
}

@Suite(
    "A standby",
    .serialized,
    .enabled(if: PostgresFixture.available, PostgresFixture.remedy)
)
struct StandbyTests {
    @Test(.timeLimit(.minutes(3)))
    func `refuses to touch a database of another cluster`() async throws {
        try await PostgresFixture.with(["a", "x"]) { fixture, nodes in
            let (a, x) = (nodes[0], nodes[1])
            _ = try await a.server.configure(.primary(1, nil))
            _ = try await x.server.configure(.primary(1, nil))
            await x.server.shutDown(within: .seconds(10))
            let control = x.settings.dataDirectory + "/global/pg_control"
            let before = FileManager.default.contents(atPath: control)
            await #expect {
                try await x.server.configure(.standby(of: a))
            } throws: { error in
                (error as? PostgresFailure)?.kind == .foreignDatabase
            }
            #expect(FileManager.default.contents(atPath: control) == before)
            #expect(
                !FileManager.default.fileExists(
                    atPath: x.settings.dataDirectory + "/standby.signal"
                )
            )
            #expect(await x.server.status().running == false)
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `leaves nothing of a copy that was cancelled`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            _ = try await a.server.configure(.primary(1, b))
            _ = try await a.ask(
                """
                set synchronous_commit = local;
                create table big as select generate_series(1, 300000) n
                """
            )
            let incoming = b.settings.dataDirectory + ".incoming-"
            func begun() -> Bool {
                let parent = (incoming as NSString).deletingLastPathComponent
                // Created by the copy itself.
                let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
                return names.contains { "\(parent)/\($0)".hasPrefix(incoming) }
            }
            let copying = Task { try await b.server.configure(.standby(of: a)) }
            try await expectEventually("the copy began") {
                begun()
            }
            copying.cancel()
            await #expect {
                try await copying.value
            } throws: { error in
                (error as? PostgresFailure)?.kind == .cancelled
            }
            #expect(!begun())
            #expect(!FileManager.default.fileExists(atPath: b.settings.dataDirectory))
            #expect(!processes().contains { $0.contains(incoming) })
            #expect(try await b.server.inventory() == .empty)
            _ = try await b.server.configure(.standby(of: a))
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `whose upstream lost the log it needs says so, and is copied anew`() async throws {
        try await PostgresFixture.with(
            ["a", "b"],
            change: { $0.walKeepSize = "0" }
        ) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            _ = try await b.server.configure(.stopped)
            _ = try await a.server.configure(.primary(1, nil))
            for _ in 0..<4 {
                _ = try await a.ask(
                    "select pg_logical_emit_message(false, 'x', 'y'), pg_switch_wal()"
                )
            }
            _ = try await a.ask("checkpoint")
            _ = try await b.server.configure(.standby(of: a))
            try await expectEventually("it gave up") { b.lost }
            #expect(await b.server.status().running == false)
            _ = try await b.server.configure(.standby(of: a, mustStream: true))
            #expect(await b.server.status().running)
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `shows no secret in arguments, files or logs`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            let passwords = fixture.secrets.passfile.split(separator: "\n").compactMap {
                $0.split(separator: ":").last.map(String.init)
            }
            #expect(passwords.count == 2)
            let watch = Task {
                var seen: Set<String> = []
                while !Task.isCancelled {
                    seen.formUnion(processes())
                    await Task.yield()
                }
                return seen
            }
            try await fixture.establish(a, b)
            watch.cancel()
            let arguments = await watch.value
            #expect(arguments.contains { $0.contains("pg_basebackup") })
            for password in passwords {
                #expect(!arguments.contains { $0.contains(password) })
            }
            for node in [a, b] {
                let files = try #require(
                    FileManager.default.enumerator(atPath: node.settings.logDirectory)
                )
                let logs = files.compactMap { $0 as? String }.map {
                    node.settings.logDirectory + "/" + $0
                }
                let configuration = ["manatee.conf", "postgresql.conf", "pg_hba.conf"].map {
                    node.settings.dataDirectory + "/" + $0
                }
                #expect(!logs.isEmpty)
                for path in logs + configuration {
                    let text = FileManager.default.contents(atPath: path).map {
                        String(decoding: $0, as: UTF8.self)
                    }
                    for password in passwords + ["SCRAM-SHA-256$"] {
                        #expect(text?.contains(password) == false, "\(path)")
                    }
                }
                let attributes = try FileManager.default.attributesOfItem(
                    atPath: node.settings.passfile
                )
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
            #expect(
                !"\(fixture.secrets) \(String(reflecting: fixture.secrets))".contains(passwords[0])
            )
        }
    }

    private func processes() -> [String] {
        let table = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return table.filter { Int($0) != nil }.compactMap { pid in
            FileManager.default.contents(atPath: "/proc/\(pid)/cmdline").map {
                String(decoding: $0, as: UTF8.self).replacing("\0", with: " ")
            }
        }
    }
}
