import Foundation
import ManateeConfiguration
import ManateePorts
import Testing

@Suite("A backup server's settings")
struct BackupServerSettingsTests {
    private func settings(
        _ text: String,
        file: String = "backupserver.yaml"
    ) throws -> BackupServerSettings {
        try BackupServerSettingsFile(text: text, file: file).settings
    }

    @Test func `are read from the original's file, comment keys and all`() throws {
        let original = """
            {
              "// ": "the REST server",
              "backupServerCfg": { "// ": "its port", "port": 10002 },
              "// ": "the sender",
              "backupSenderCfg": { "dataset": "zones/peer1/data/manatee", "zfsPath": "/sbin/zfs" },
              "zfsPort": 1
            }
            """
        let file = try BackupServerSettingsFile(text: original, file: "backupserver.json")
        #expect(file.warnings.map(\.key) == ["zfsPort"])
        #expect(file.settings.port == 10002)
        #expect(file.settings.jobLimit == 2)
        #expect(file.settings.tokenFile == BackupServerSettings.standardTokenFile)
        guard case .zfs(let zfs) = file.settings.storage else {
            Issue.record("not ZFS: \(file.settings.storage)")
            return
        }
        #expect(zfs.dataset == "zones/peer1/data/manatee")
        #expect(zfs.zfsPath == "/sbin/zfs")
    }

    @Test func `of the original name all that is missing`() {
        let error = #expect(throws: InvalidConfiguration.self) {
            try settings("{}", file: "backupserver.json")
        }
        #expect(error?.problems.map(\.key) == ["backupServerCfg.port", "backupSenderCfg.dataset"])
    }

    @Test func `print as a file that says the same`() throws {
        let settings = try settings(
            """
            storage:
              backend: btrfs
              path: /srv/manatee
            port: 4444
            jobLimit: 16
            jobExpiry: 2m
            rateLimit: 50MB
            tokenFile: /run/token
            """
        )
        #expect(settings.rateLimit == 50 << 20)
        #expect(try self.settings(settings.effectiveYAML) == settings)
    }

    @Test(arguments: [
        "jobLimit: 17", "jobLimit: 0", "jobExpiry: 1s", "rateLimit: 10%", "rateLimit: 0kB",
        "port: 0", "tokenFile: token", "tokenfile: /a",
    ])
    func `refuse what cannot work`(line: String) {
        let error = #expect(throws: InvalidConfiguration.self) {
            try settings("storage:\n  backend: btrfs\n  path: /a\n\(line)\n")
        }
        #expect(error?.problems.count == 1)
    }

    @Test func `are documented with their true defaults`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let sample = try String(
            contentsOf: root.appending(path: "etc/manatee-backupserver.yaml"),
            encoding: .utf8
        )
        let shown = sample.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in line.replacing(/^( *)#(?=[a-zA-Z_]+:)/) { match in match.output.1 } }
            .joined(separator: "\n")
        var uncommented = try settings(shown)
        // An example, which has no default.
        #expect(uncommented.rateLimit == 100 << 20)
        uncommented.rateLimit = nil
        #expect(try uncommented == settings(sample))
    }
}
