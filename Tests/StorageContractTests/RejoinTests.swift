import Foundation
import ManateeCore
import ManateePorts
import ManateePostgres
import Testing

extension StorageSuites {
    @Suite(
        "A peer's data in a storage",
        .serialized,
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/lib/postgresql/15/bin/postgres"),
            "install postgresql-15"
        ),
        .timeLimit(.minutes(5))
    )
    struct RejoinTests {
        typealias Node = PeerWorld.Node

        /// Makes a the primary with row 1, and b its sync.
        private func establish(_ a: Node, _ b: Node) async throws {
            _ = try await a.server.configure(.primary(1, sync: b))
            try await a.ask("set synchronous_commit = local; create table t (n int)")
            try await a.ask("set synchronous_commit = local; insert into t values (1)")
            _ = try await b.server.configure(.standby(of: a))
        }

        /// Lets b take over while a goes on alone with row 666, and kills a.
        private func partWays(_ a: Node, _ b: Node) async throws {
            _ = try await b.server.stopAcknowledgements(.detachFromUpstream)
            try await a.ask("set synchronous_commit = local; insert into t values (666)")
            try await a.crash()
            _ = try await b.server.configure(.primary(2, sync: a))
        }

        /// After this pg_rewind cannot read the source.
        private func forbidRewinding(_ a: Node) async throws {
            try await a.ask(
                """
                set synchronous_commit = local;
                revoke execute on function pg_read_binary_file(text) from manatee_replication
                """
            )
        }

        private func expectFollowing(_ a: Node, _ b: Node) async throws {
            #expect(try await a.has(1))
            #expect(try await !a.has(666))
            try await b.ask("insert into t values (2)")
            try await eventually { try await a.has(2) }
            #expect(try await a.storage.isolated().isEmpty)
            let kept = try FileManager.default.contentsOfDirectory(
                atPath: a.settings.setAsideDirectory
            )
            #expect(kept.contains { $0.contains("-diverged-") })
        }

        private func eventually(_ holds: () async throws -> Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(30)
            while try await !holds() {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        @Test(arguments: StorageKind.incremental)
        func `is rolled back to before it diverged where it cannot be rewound`(
            kind: StorageKind
        ) async throws {
            try await PeerWorld.with(["a", "b"], on: kind) { nodes in
                let (a, b) = (nodes[0], nodes[1])
                try await establish(a, b)
                try await forbidRewinding(a)
                let before = try await a.snapshot()
                try await partWays(a, b)
                // What the crash left, as the snapshotter might still see it.
                let after = try await a.snapshot()
                _ = try await a.server.configure(.standby(of: b))
                try await expectFollowing(a, b)
                let left = try await a.storage.snapshots().map(\.name)
                #expect(left.contains(before) && !left.contains(after))
                #expect(await a.server.status().restore == nil)
            }
        }

        @Test(arguments: StorageKind.incremental)
        func `is brought up to date from a common snapshot where the log since then is gone`(
            kind: StorageKind
        ) async throws {
            let copies = Copies()
            try await PeerWorld.with(
                ["a", "b"],
                on: kind,
                copies: copies,
                walKeepSize: "0"
            ) { nodes in
                let (a, b) = (nodes[0], nodes[1])
                // b is built from a snapshot of a, which both have from then on.
                try await establish(a, b)
                try await partWays(a, b)
                for _ in 0..<4 {
                    try await b.ask(
                        """
                        set synchronous_commit = local;
                        select pg_logical_emit_message(false, 'x', 'y'), pg_switch_wal()
                        """
                    )
                }
                try await b.ask("checkpoint")
                _ = try await a.server.configure(.standby(of: b))
                try await expectFollowing(a, b)
                #expect(copies.asked == ["a", "b"])
                let restore = try #require(await a.server.status().restore)
                #expect(restore.method == .difference && restore.outcome == .done)
            }
        }

        @Test(arguments: StorageKind.incremental)
        func `loses what a killed sitter set aside, once it streams`(
            kind: StorageKind
        ) async throws {
            let copies = Copies()
            try await PeerWorld.with(["a", "b"], on: kind, copies: copies) { nodes in
                let (a, b) = (nodes[0], nodes[1])
                try await establish(a, b)
                await b.server.shutDown(within: .seconds(10))
                // A sitter did all this, and was killed.
                #expect(try await b.storage.isolate(.autorebuild) != nil)
                let name = try await a.snapshot()
                try await a.storage.send(name, since: nil) { stream in
                    try await b.storage.receive(name, since: nil, from: stream)
                }
                _ = try await b.storage.prepare(creating: false, owner: nil)
                try FileManager.default.removeItem(
                    atPath: b.settings.dataDirectory + "/postmaster.pid"
                )
                _ = try await b.server.inventory()
                #expect(try await b.storage.isolated().count == 1)
                _ = try await b.server.configure(.standby(of: a, mustStream: false))
                try await eventually { try await b.storage.isolated().isEmpty }
                #expect(copies.asked == ["a"])
            }
        }

        @Test(arguments: StorageKind.incremental)
        func `is copied from the first source that can, and seen to stream`(
            kind: StorageKind
        ) async throws {
            let copies = Copies()
            try await PeerWorld.with(["a", "b", "c"], on: kind, copies: copies) { nodes in
                let (a, b, c) = (nodes[0], nodes[1], nodes[2])
                try await establish(a, b)
                copies.set(.refuses(.noSnapshot), of: "b")
                _ = try await c.server.configure(.standby(of: b, source: a))
                #expect(copies.asked == ["a", "b", "a"])
                #expect(try await c.has(1))
                let restore = try #require(await c.server.status().restore)
                #expect(restore.source == a.peer.id)
                #expect(restore.method == .whole && restore.outcome == .done)
                // Its restart finds it again, and copies nothing.
                await c.server.shutDown(within: .seconds(10))
                _ = try await c.server.configure(.standby(of: b, source: a))
                #expect(copies.asked == ["a", "b", "a"])
            }
        }

        @Test(arguments: StorageKind.incremental)
        func `is copied from a running postgres where no backup server helps`(
            kind: StorageKind
        ) async throws {
            let copies = Copies()
            for name in ["a", "b"] { copies.set(.refuses(.unreachable), of: name) }
            try await PeerWorld.with(["a", "b"], on: kind, copies: copies) { nodes in
                let (a, b) = (nodes[0], nodes[1])
                try await establish(a, b)
                #expect(await b.server.status().restore?.method == .baseBackup)
                try await forbidRewinding(a)
                try await partWays(a, b)
                _ = try await a.server.configure(.standby(of: b))
                try await expectFollowing(a, b)
                #expect(await a.server.status().restore?.method == .baseBackup)
            }
        }

        @Test(arguments: StorageKind.incremental)
        func `is left as it was, or not at all, by a copy that is cancelled`(
            kind: StorageKind
        ) async throws {
            let copies = Copies()
            try await PeerWorld.with(["a", "b"], on: kind, copies: copies) { nodes in
                let (a, b) = (nodes[0], nodes[1])
                _ = try await a.server.configure(.primary(1, sync: b))
                let (stalls, stalled) = AsyncStream<Void>.makeStream()
                copies.set(.stalls { stalled.yield() }, of: "a")
                let copying = Task { try await b.server.configure(.standby(of: a)) }
                for await _ in stalls { break }
                #expect(await b.server.status().restore?.outcome == .running)
                copying.cancel()
                await #expect {
                    try await copying.value
                } throws: { error in
                    (error as? PostgresFailure)?.kind == .cancelled
                }
                #expect(try await !b.storage.exists())
                #expect(try await b.storage.isolated().isEmpty)
                copies.set(nil, of: "a")
                _ = try await b.server.configure(.standby(of: a))
                #expect(await b.server.status().restore?.outcome == .done)
            }
        }

        @Test(arguments: StorageKind.incremental)
        func `is made anew when an operator asks, also of a deposed peer that waits for him`(
            kind: StorageKind
        ) async throws {
            let copies = Copies()
            try await PeerWorld.with(["a", "b"], on: kind, copies: copies) { nodes in
                let (a, b) = (nodes[0], nodes[1])
                try await establish(a, b)
                // The standby's server is stopped; its configuration, tried again, copies.
                try request(b)
                try await eventually { await !b.server.status().running }
                _ = try await b.server.configure(.standby(of: a))
                #expect(copies.asked == ["a", "a"])
                #expect(!isRequested(b))
                // A request right after another one is one more.
                try request(b)
                try await eventually { await !b.server.status().running }
                _ = try await b.server.configure(.standby(of: a))
                #expect(copies.asked == ["a", "a", "a"])
                #expect(!isRequested(b))
                // A primary refuses.
                try request(a)
                try await eventually { !isRequested(a) }
                #expect(await a.server.status().running)

                try await partWays(a, b)
                _ = try await a.server.configure(.stopped)
                try request(a)
                try await eventually { !isRequested(a) }
                #expect(try await !a.storage.exists())
                let aside = try await a.storage.isolated().map(\.name)
                #expect(aside.count == 1 && aside.allSatisfy { $0.hasPrefix("rebuild-") })
                _ = try await a.server.configure(.standby(of: b))
                #expect(try await !a.has(666))
                #expect(try await a.storage.isolated().isEmpty)
            }
        }

        private func request(_ node: Node) throws {
            try "".write(toFile: node.settings.rebuildRequest, atomically: true, encoding: .utf8)
        }

        private func isRequested(_ node: Node) -> Bool {
            FileManager.default.fileExists(atPath: node.settings.rebuildRequest)
        }
    }
}
