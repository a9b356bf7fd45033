import Foundation
import Logging
import ManateeCore
import ManateePorts
import ManateePostgres
import ManateeSnapshots
import Testing

@Suite("A snapshot of a running database", .zfsHost, .serialized)
struct SnapshotVerifyTests {
    /// Where snapshots are of one moment.
    private static let kinds = StorageKind.available.filter { $0 != .xfs }

    private static let programs: String? = {
        // A directory that is not there holds no versions.
        let versions =
            (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return versions.compactMap { Int($0) }.sorted().reversed()
            .map { "/usr/lib/postgresql/\($0)/bin" }
            .first { FileManager.default.isExecutableFile(atPath: "\($0)/pg_amcheck") }
    }()

    /// Runs a program of PostgreSQL's as its user.
    @discardableResult
    private func postgres(_ words: String...) throws -> String {
        let program = "\(try #require(Self.programs))/\(words[0])"
        return try HostTool.run(
            ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]
                + [program] + words.dropFirst()
        )
    }

    /// Starts a server as a child, since a daemon would keep the descriptors by which children end.
    private func start(_ directory: String, _ socket: String) async throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/setpriv")
        process.arguments = [
            "--reuid=postgres", "--regid=postgres", "--init-groups", "--",
            "\(try #require(Self.programs))/postgres", "-D", directory, "-k", socket, "-c",
            "listen_addresses=", "-c", "fsync=off",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        // Until it answers, that it does not is no failure.
        while (try? postgres("psql", "-qXh", socket, "-c", "select 1")) == nil {
            try #require(process.isRunning, "postgres ended at once")
            try #require(ContinuousClock.now < deadline, "postgres does not answer")
            try await Task.sleep(for: .milliseconds(50))
        }
        return process
    }

    private func name(_ text: String) throws -> SnapshotName { try #require(SnapshotName(text)) }

    @Test(.enabled(if: programs != nil, "no pg_amcheck"), arguments: kinds)
    func `is proved by starting it and looking at all of it`(kind: StorageKind) async throws {
        try await StorageWorld.with(kind) { world in
            let storage = world.storage()
            _ = try await storage.prepare(creating: true, owner: nil)
            let directory = "\(storage.dataPath)/pg"
            let socket = "/tmp/manatee-\(UUID().uuidString.prefix(8).lowercased())"
            for path in [directory, socket] {
                try HostTool.run("/usr/bin/install", "-d", "-o", "postgres", "-m", "700", path)
            }
            try openTheWay(to: storage.dataPath)
            try postgres("initdb", "-D", directory, "-A", "trust", "--no-sync")
            let server = try await start(directory, socket)
            defer {
                kill(server.processIdentifier, SIGQUIT)
                server.waitUntilExit()
                // Nothing but a socket: what stays does no harm.
                _ = try? HostTool.run("/usr/bin/rm", "-r", socket)
            }
            try postgres(
                "psql",
                "-qXh",
                socket,
                "-c",
                "create table t as select g from generate_series(1, 20000) g; "
                    + "create index on t (g)"
            )
            try await storage.takeSnapshot(try name("sound"))
            let file = try postgres(
                "psql",
                "-qAtXh",
                socket,
                "-c",
                "checkpoint",
                "-c",
                "select pg_relation_filepath('t')"
            ).trimmingCharacters(in: .whitespacesAndNewlines)
            try HostTool.run(
                "/usr/bin/dd",
                "if=/dev/urandom",
                "of=\(directory)/\(file)",
                "bs=8192",
                "count=1",
                "seek=3",
                "conv=notrunc,fsync"
            )
            try await storage.takeSnapshot(try name("damaged"))
            try FileManager.default.createSymbolicLink(
                atPath: "\(directory)/pg_tblspc/99999",
                withDestinationPath: "/nowhere"
            )
            try await storage.takeSnapshot(try name("linked"))

            let check = CopyCheck(binDirectory: nil)
            let sound = try await storage.withClone(of: try name("sound")) {
                try await check.inspect($0)
            }
            #expect(sound.isSound, "\(sound.findings)")
            #expect(sound.databases == ["postgres", "template1"])
            let damaged = try await storage.withClone(of: try name("damaged")) {
                try await check.inspect($0)
            }
            #expect(!damaged.isSound)
            #expect(damaged.findings.contains { $0.contains("invalid page in block 3") })
            await #expect(throws: CopyUndecided.self) {
                try await storage.withClone(of: try name("linked")) { try await check.inspect($0) }
            }
            #expect(leftovers().isEmpty)
        }
    }

    /// Postgres's user must get through to the data.
    private func openTheWay(to path: String) throws {
        var parent = URL(filePath: path).deletingLastPathComponent()
        while parent.path != "/tmp", parent.path != "/" {
            try HostTool.run("/usr/bin/chmod", "a+x", parent.path)
            parent.deleteLastPathComponent()
        }
        try HostTool.run("/usr/bin/chmod", "a+x", path)
    }

    private func leftovers() -> [String] {
        // A temporary directory that cannot be read holds nothing of ours.
        ((try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? [])
            .filter { $0.hasPrefix("manatee-verify-") }
    }

    @Test(arguments: StorageKind.available)
    func `goes by the policy, unless it is held or somebody else's`(
        kind: StorageKind
    ) async throws {
        try await StorageWorld.with(kind) { world in
            let storage = world.storage()
            _ = try await storage.prepare(creating: true, owner: nil)
            let names = (0..<5).map { SnapshotName(milliseconds: 1_700_000_000_000 + $0) }
            let foreign = try name("before-upgrade")
            for name in [foreign] + names { try await storage.takeSnapshot(name) }
            try await storage.hold(names[0], tag: "test")
            let snapshotter = Snapshotter(
                policy: RetentionPolicy(number: 2),
                period: .seconds(3600),
                storage: storage,
                health: nil,
                now: { 1_800_000_000_000 },
                logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
            )
            await snapshotter.expire()
            let left = try await storage.snapshots().map(\.name)
            #expect(Set(left) == [foreign, names[0], names[3], names[4]])
            await snapshotter.take()
            let taken = try await storage.snapshots().map(\.name.text).contains("1800000000000")
            #expect(taken == (kind != .xfs))
            try await storage.release(names[0], tag: "test")
        }
    }
}
