import Foundation
import ManateeConfiguration
import ManateeCore
import ManateePorts
import Testing

@Suite("A snapshotter's settings")
struct SnapshotterSettingsTests {
    private func settings(
        _ text: String,
        file: String = "snapshotter.yaml"
    ) throws -> SnapshotterSettings {
        try SnapshotterSettingsFile(text: text, file: file).settings
    }

    private func problems(_ text: String, file: String = "snapshotter.yaml") -> [String] {
        do {
            _ = try SnapshotterSettingsFile(text: text, file: file)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    private static let original = """
        {
          "//": "comments as the original has them",
          "dataset": "zones/peer1/data/manatee",
          "// ": "milliseconds",
          "pollInterval": 36000,
          "// ": "kept",
          "snapshotNumber": 20,
          "healthUrl": "http://127.0.0.1:5433",
          "pgUrl": "tcp://postgres@127.0.0.1:5432/postgres",
          "startupDelay": 10000
        }
        """

    @Test func `are read from the original's file, comment keys and all`() throws {
        let file = try SnapshotterSettingsFile(text: Self.original, file: "snapshotter.json")
        #expect(file.warnings == [])
        #expect(file.settings.period == .seconds(36))
        #expect(file.settings.number == 20)
        #expect(file.settings.healthURL == "http://127.0.0.1:5433")
        #expect(file.settings.minimumFree == nil)
        guard case .zfs(let zfs) = file.settings.storage else {
            Issue.record("not ZFS: \(file.settings.storage)")
            return
        }
        #expect(zfs.dataset == "zones/peer1/data/manatee")
    }

    @Test func `of the original have its defaults`() throws {
        let settings = try settings("{\"dataset\": \"zones/a\"}", file: "snapshotter.json")
        #expect(settings.period == .seconds(1))
        #expect(settings.number == 10)
        #expect(settings.healthURL == nil)
    }

    @Test func `of the original come with a warning for a stray key`() throws {
        let text = "{\"dataset\": \"zones/a\", \"snapshotnumber\": 3}"
        let file = try SnapshotterSettingsFile(text: text, file: "snapshotter.json")
        #expect(file.warnings.map(\.key) == ["snapshotnumber"])
    }

    @Test(arguments: [
        "backend: zfs\n  dataset: tank/a\n  mountpoint: /a",
        "backend: btrfs\n  path: /srv/manatee\n  isolatedKept: 7",
        "backend: directory\n  path: /srv/manatee",
    ])
    func `print as a file that says the same`(storage: String) throws {
        let settings = try settings(
            "storage:\n  \(storage)\nperiod: 10s\nnumber: 3\nmaximumAge: 24h\nminimumFree: 5GB\n"
        )
        #expect(settings.minimumFree == .bytes(5 << 30))
        #expect(try self.settings(settings.effectiveYAML) == settings)
    }

    @Test func `name all that is wrong with the storage`() {
        #expect(problems("number: 3")[0].contains("add storage.backend, for example zfs"))
        #expect(problems("storage:\n  path: /a")[0].contains("although storage.path is there"))
        #expect(problems("storage:\n  backend: ext4").count == 1)
        #expect(problems("storage:\n  backend: zfs\n  dataset: tank\n  mountpoint: /a").count == 1)
        #expect(problems("storage:\n  backend: zfs").count == 2)
        #expect(problems("storage:\n  backend: btrfs\n  path: /a\n  dataset: t/a").count == 1)
    }

    @Test(arguments: ["10", "101%", "-1%", "1.5GB", "GB", "99999999999GB"])
    func `refuse what is no amount of room`(amount: String) {
        let text = "storage:\n  backend: btrfs\n  path: /a\nminimumFree: \(amount)"
        #expect(problems(text).count == 1)
    }

    @Test func `are found by other programs in any file that has a storage`() throws {
        let sitter = "peer:\n  ip: 1.2.3.4\nstorage:\n  backend: btrfs\n  path: /srv/manatee\n"
        let file = try StorageSettingsFile(text: sitter, file: "sitter.yaml")
        #expect(file.storage == .btrfs(TreeSettings(root: "/srv/manatee")))
        let original = """
            {"zfsClientCfg": {"dataset": "zones/a", "mountpoint": "/manatee/pg", "zfsPort": 1}}
            """
        #expect(
            try StorageSettingsFile(text: original, file: "sitter.json").storage
                == .zfs(ZFSSettings(dataset: "zones/a", mountpoint: "/manatee/pg"))
        )
        #expect(throws: InvalidConfiguration.self) {
            try StorageSettingsFile(text: "peer:\n  ip: 1.2.3.4\n", file: "sitter.yaml")
        }
    }

    // MARK: The documented sample

    private var sample: String {
        get throws {
            let root = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            return try String(
                contentsOf: root.appending(path: "etc/manatee-snapshotter.yaml"),
                encoding: .utf8
            )
        }
    }

    @Test func `are documented with their true defaults`() throws {
        let shown = try sample.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in line.replacing(/^( *)#(?=[a-zA-Z_]+:)/) { match in match.output.1 } }
            .joined(separator: "\n")
        var uncommented = try settings(shown)
        // Examples, which have no default.
        uncommented.maximumAge = nil
        uncommented.healthURL = nil
        #expect(try uncommented == settings(sample))
        let written = Set(keys(of: try settings(shown).effectiveYAML))
        #expect(written == Set(keys(of: shown)))
    }

    private func keys(of text: String) -> [String] {
        text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("#") }
            .compactMap { $0.firstMatch(of: /^( *[a-zA-Z_]+):/).map { String($0.output.1) } }
    }
}
