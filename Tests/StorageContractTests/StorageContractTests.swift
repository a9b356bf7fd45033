import Foundation
import ManateePorts
import Testing

/// The suites that share ZFS; one test at a time, since a machine has one ZFS.
@Suite(
    "Data storage on real file systems",
    .serialized,
    .zfsHost,
    .enabled(if: !StorageKind.available.isEmpty, "no backend here: \(StorageKind.absent)")
)
enum StorageSuites {}

extension StorageSuites {
    @Suite("Data storage, by its contract", .serialized, .timeLimit(.minutes(5)))
    struct StorageContractTests {
        // MARK: Preparing

        @Test(.enabled(if: StorageKind.available.contains(.zfs), "\(StorageKind.absent)"))
        func `ZFS is tested here`() {}

        @Test(.enabled(if: StorageKind.available.contains(.btrfs), "\(StorageKind.absent)"))
        func `btrfs is tested here`() {}

        @Test(.enabled(if: StorageKind.available.contains(.xfs), "\(StorageKind.absent)"))
        func `directories with reflinks are tested here`() {}

        @Test(arguments: StorageKind.available)
        func `creates data only if asked to`(kind: StorageKind) async throws {
            try await StorageWorld.with(kind) { world in
                let storage = world.storage()
                #expect(try await !storage.prepare(creating: false, owner: nil))
                #expect(try await !storage.exists())
                if kind == .zfs { #expect(try await storage.space().free > 100 << 20) }
                #expect(try await storage.prepare(creating: true, owner: nil))
                #expect(try await storage.exists())
                try storage.write("a", "1")
                #expect(try await storage.prepare(creating: false, owner: nil))
                #expect(try storage.read("a") == "1")
                let space = try await storage.space()
                #expect(space.free > 100 << 20)
                #expect(space.total >= space.free)
            }
        }

        @Test(arguments: StorageKind.available)
        func `refuses a place where something else is mounted`(kind: StorageKind) async throws {
            try await StorageWorld.with(kind) { world in
                let storage = world.storage()
                try FileManager.default.createDirectory(
                    atPath: storage.dataPath,
                    withIntermediateDirectories: true
                )
                try HostTool.run("/usr/bin/mount", "-t", "tmpfs", "tmpfs", storage.dataPath)
                await expectFailure(.foreignMount) {
                    _ = try await storage.prepare(creating: true, owner: nil)
                }
            }
        }

        @Test(arguments: StorageKind.available)
        func `changes owners only if one is wrong`(kind: StorageKind) async throws {
            try await StorageWorld.with(kind) { world in
                let storage = world.storage()
                _ = try await storage.prepare(creating: true, owner: nil)
                try storage.write("a", "1")
                let owner = StorageOwner(user: 1234, group: 1235)
                _ = try await storage.prepare(creating: false, owner: owner)
                let facts = try FileManager.default.attributesOfItem(atPath: storage.file("a"))
                #expect(facts[.ownerAccountID] as? UInt32 == 1234)
                #expect(facts[.groupOwnerAccountID] as? UInt32 == 1235)
                // Deeper than the look at the top: left alone, because nothing at the top is wrong.
                try FileManager.default.createDirectory(
                    atPath: storage.file("d"),
                    withIntermediateDirectories: true
                )
                try HostTool.run("/usr/bin/chown", "1234:1235", storage.file("d"))
                try storage.write("d/deep", "1")
                _ = try await storage.prepare(creating: false, owner: owner)
                let deep = try FileManager.default.attributesOfItem(atPath: storage.file("d/deep"))
                #expect(deep[.ownerAccountID] as? UInt32 == 0)
            }
        }

        // MARK: Snapshots

        @Test(arguments: StorageKind.available)
        func `lists snapshots in the order in which they were made`(kind: StorageKind) async throws
        {
            try await StorageWorld.with(kind) { world in
                let storage = world.storage()
                _ = try await storage.prepare(creating: true, owner: nil)
                #expect(try await storage.snapshots().isEmpty)
                let names = ["1700000000009", "before-upgrade", "1700000000001"]
                for name in names {
                    try storage.write("a", name)
                    try await storage.takeSnapshot(.example(name))
                }
                let list = try await storage.snapshots()
                #expect(list.map(\.name.text) == names)
                #expect(list.map(\.name.isOurs) == [true, false, true])
                #expect(list.newestOwn(before: 1_700_000_000_009)?.name.text == "1700000000001")
                if kind != .xfs { #expect(list.allSatisfy { $0.referencedBytes != nil }) }
                await expectFailure(.exists) {
                    try await storage.takeSnapshot(.example("before-upgrade"))
                }
                try await storage.destroySnapshot(.example("1700000000009"))
                #expect(try await storage.snapshots().map(\.name.text) == Array(names.dropFirst()))
                await expectFailure(.missing) {
                    try await storage.destroySnapshot(.example("1700000000009"))
                }
            }
        }

        @Test(arguments: StorageKind.available)
        func `does not destroy a snapshot that is held`(kind: StorageKind) async throws {
            try await StorageWorld.with(kind) { world in
                let storage = world.storage()
                _ = try await storage.prepare(creating: true, owner: nil)
                let name = SnapshotName(milliseconds: 1_700_000_000_001)
                try await storage.takeSnapshot(name)
                try await storage.hold(name, tag: "backup.7")
                #expect(try await storage.snapshots().map(\.holds) == [1])
                await expectFailure(.held) { try await storage.destroySnapshot(name) }
                try await storage.release(name, tag: "backup.7")
                await expectFailure(.missing) { try await storage.release(name, tag: "backup.7") }
                try await storage.destroySnapshot(name)
            }
        }

        @Test(arguments: StorageKind.available)
        func `a hold goes aside with its snapshot, and can be released there`(
            kind: StorageKind
        ) async throws {
            try await StorageWorld.with(kind) { world in
                let storage = world.storage()
                _ = try await storage.prepare(creating: true, owner: nil)
                let name = SnapshotName(milliseconds: 1_700_000_000_001)
                try await storage.takeSnapshot(name)
                try await storage.hold(name, tag: "backup.7")
                let aside = try #require(try await storage.isolate(.rebuild))
                #expect(try await storage.isolated().map(\.held) == [[name]])
                await expectFailure(.held) { try await storage.destroyIsolated(aside) }
                await expectFailure(.missing) { try await storage.release(name, tag: "backup.8") }
                try await storage.release(name, tag: "backup.7")
                #expect(try await storage.isolated().map(\.held) == [[]])
                try await storage.destroyIsolated(aside)
                #expect(try await storage.isolated().isEmpty)
            }
        }

        @Test(.enabled(if: StorageKind.available.contains(.zfs), "\(StorageKind.absent)"))
        func `does not destroy a snapshot that has clones`() async throws {
            try await StorageWorld.with(.zfs) { world in
                let storage = world.storage()
                _ = try await storage.prepare(creating: true, owner: nil)
                let name = SnapshotName(milliseconds: 1_700_000_000_001)
                try await storage.takeSnapshot(name)
                let full = "\(world.dataset("one/data"))@\(name)"
                try HostTool.run("/usr/sbin/zfs", "clone", full, world.dataset("theirs"))
                await expectFailure(.hasClones) { try await storage.destroySnapshot(name) }
                let isolated = try #require(try await storage.isolate(.rebuild))
                await expectFailure(.hasClones) { try await storage.destroyIsolated(isolated) }
            }
        }

        @Test(arguments: StorageKind.available)
        func `returns to a snapshot`(kind: StorageKind) async throws {
            try await StorageWorld.with(kind) { world in
                let storage = world.storage()
                _ = try await storage.prepare(creating: true, owner: nil)
                for moment in ["1700000000001", "1700000000002", "1700000000003"] {
                    try storage.write("a", moment)
                    try await storage.takeSnapshot(.example(moment))
                }
                try storage.write("a", "now")
                try await storage.hold(.example("1700000000003"), tag: "t")
                await expectFailure(.held) {
                    try await storage.rollBack(to: .example("1700000000001"))
                }
                try await storage.release(.example("1700000000003"), tag: "t")
                #expect(try storage.read("a") == "now")
                try await storage.rollBack(to: .example("1700000000002"))
                #expect(try storage.read("a") == "1700000000002")
                #expect(try await storage.snapshots().map(\.name.text).last == "1700000000002")
                try await storage.takeSnapshot(.example("operator"))
                await expectFailure(.newerSnapshots) {
                    try await storage.rollBack(to: .example("1700000000001"))
                }
                await expectFailure(.missing) {
                    try await storage.rollBack(to: .example("1700000000009"))
                }
                try storage.write("a", "writable")
            }
        }

        @Test(arguments: StorageKind.available)
        func `does not touch data that a process uses`(kind: StorageKind) async throws {
            try await StorageWorld.with(kind) { world in
                let storage = world.storage()
                _ = try await storage.prepare(creating: true, owner: nil)
                let name = SnapshotName(milliseconds: 1_700_000_000_001)
                try storage.write("a", "1")
                try await storage.takeSnapshot(name)
                let file = try #require(FileHandle(forReadingAtPath: storage.file("a")))
                await expectFailure(.inUse) { try await storage.rollBack(to: name) }
                await expectFailure(.inUse) { _ = try await storage.isolate(.autorebuild) }
                try file.close()
                #expect(try storage.read("a") == "1")
                try await storage.rollBack(to: name)
            }
        }

        @Test(arguments: StorageKind.available)
        func `sets data aside as soon as a process that ends has ended`(
            kind: StorageKind
        ) async throws {
            try await StorageWorld.with(kind) { world in
                let storage = world.storage()
                _ = try await storage.prepare(creating: true, owner: nil)
                try storage.write("a", "1")
                let user = Process()
                user.executableURL = URL(filePath: "/usr/bin/sleep")
                user.arguments = ["1"]
                user.currentDirectoryURL = URL(filePath: storage.dataPath)
                try user.run()
                #expect(try await storage.isolate(.autorebuild) != nil)
                #expect(try await !storage.exists())
                #expect(!user.isRunning)
            }
        }

        @Test(arguments: StorageKind.available)
        func `sets aside what has only just come, again and again`(kind: StorageKind) async throws {
            try await StorageWorld.with(kind) { world in
                let (source, target) = (world.storage("source"), world.storage("target"))
                _ = try await source.prepare(creating: true, owner: nil)
                try source.write("a", "1")
                let name = SnapshotName(milliseconds: 1_700_000_000_001)
                try await source.takeSnapshot(name)
                for _ in 0..<5 {
                    try await source.send(name, since: nil) { stream in
                        try await target.receive(name, since: nil, from: stream)
                    }
                    #expect(try await target.prepare(creating: false, owner: nil))
                    #expect(try target.read("a") == "1")
                    let aside = try #require(try await target.isolate(.rebuild))
                    try await target.destroyIsolated(aside)
                }
                #expect(try await target.isolated().isEmpty)
            }
        }

        @Test(arguments: StorageKind.available)
        func `lends a writable clone that is gone afterwards`(kind: StorageKind) async throws {
            struct Wanted: Error {}
            try await StorageWorld.with(kind) { world in
                let storage = world.storage()
                _ = try await storage.prepare(creating: true, owner: nil)
                let name = SnapshotName(milliseconds: 1_700_000_000_001)
                try storage.write("a", "1")
                try await storage.takeSnapshot(name)
                let path = try await storage.withClone(of: name) { path in
                    #expect(try String(contentsOfFile: path + "/a", encoding: .utf8) == "1")
                    try "2".write(toFile: path + "/a", atomically: false, encoding: .utf8)
                    return path
                }
                #expect(!FileManager.default.fileExists(atPath: path))
                await #expect(throws: Wanted.self) {
                    try await storage.withClone(of: name) { _ in throw Wanted() }
                }
                #expect(try storage.read("a") == "1")
                // Nothing depends on it any more.
                try await storage.destroySnapshot(name)
            }
        }

        // MARK: Setting aside

        @Test(arguments: StorageKind.available)
        func `sets data aside, and never more often than allowed`(kind: StorageKind) async throws {
            try await StorageWorld.with(kind) { world in
                let storage = world.storage(isolatedKept: 2)
                #expect(try await storage.isolate(.autorebuild) == nil)
                var names: [String] = []
                for reason in [IsolationReason.autorebuild, .diverged] {
                    _ = try await storage.prepare(creating: true, owner: nil)
                    try storage.write("a", "1")
                    try await storage.takeSnapshot(.example("1700000000001"))
                    let name = try #require(try await storage.isolate(reason))
                    #expect(
                        name.wholeMatch(of: /[a-z]+-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil
                    )
                    #expect(try await !storage.exists())
                    names.append(name)
                }
                #expect(try await storage.isolated().map(\.name) == names)
                _ = try await storage.prepare(creating: true, owner: nil)
                #expect(try await storage.snapshots().isEmpty)
                await expectFailure(.tooManyIsolated) { _ = try await storage.isolate(.rebuild) }
                #expect(try await storage.exists())
                try await storage.destroyIsolated(names[0])
                await expectFailure(.missing) { try await storage.destroyIsolated(names[0]) }
                await expectFailure(.missing) { try await storage.destroyIsolated("../data") }
                _ = try #require(try await storage.isolate(.rebuild))
            }
        }
    }
}

extension SnapshotName {
    /// A name that is one.
    static func example(_ text: String) throws -> SnapshotName {
        try #require(SnapshotName(text))
    }
}

extension DataStorage {
    /// The path of a file of the data.
    func file(_ name: String) -> String { "\(dataPath)/\(name)" }

    /// Writes a file of the data.
    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: file(name), atomically: false, encoding: .utf8)
    }

    /// Reads a file of the data.
    func read(_ name: String) throws -> String {
        try String(contentsOfFile: file(name), encoding: .utf8)
    }
}

/// Expects a storage failure of this kind.
func expectFailure(
    _ kind: StorageFailure.Kind,
    sourceLocation location: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    let failure = await #expect(throws: StorageFailure.self, sourceLocation: location) {
        try await body()
    }
    #expect(failure?.kind == kind, "\(failure?.detail ?? "")", sourceLocation: location)
}
