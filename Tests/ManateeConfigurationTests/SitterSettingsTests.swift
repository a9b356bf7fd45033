import Foundation
import ManateeConfiguration
import ManateeCore
import ManateePorts
import Testing

@Suite("A sitter's settings")
struct SitterSettingsTests {
    private func read(
        _ name: String,
        environment: [String: String] = [:]
    ) throws -> SitterSettingsFile {
        try SitterSettingsFile(
            text: try SamplesFolder.read(name),
            file: name,
            host: "host1",
            environment: environment
        )
    }

    @Test func `need only address, directory, store and shard`() throws {
        let file = try read("minimal.yaml")
        let settings = file.settings
        #expect(file.form == .yaml)
        #expect(settings.peer.id == PeerID("10.0.0.7:5432:12345"))
        #expect(settings.peer.zoneID == "host1")
        #expect(settings.peer.peer.postgresURL == "tcp://postgres@10.0.0.7:5432/postgres")
        #expect(settings.peer.peer.backupURL == "http://10.0.0.7:12345")
        #expect(settings.statusServer.port == 5433)
        #expect(settings.zooKeeper.sessionTimeout == .seconds(10))
        #expect(settings.zooKeeper.tls == nil)
        #expect(settings.postgres.secretFile == "/var/lib/manatee/manatee.secrets")
        #expect(settings.memoryFile == "/var/lib/manatee/manatee-peer.json")
        #expect(settings.rejoin == .auto)
        #expect(settings.failureDetection == .standard)
    }

    @Test func `are all taken from the file`() throws {
        let settings = try read("full.yaml").settings
        #expect(settings.shardPath == "/manatee/orders")
        #expect(settings.peer.zoneID == "rack 3, unit \"7\"")
        #expect(settings.peer.peer.backupURL == "http://[fd00::7]:6434")
        #expect(settings.peer.postgresURL == "tcp://postgres@[fd00::7]:6432/postgres")
        #expect(settings.statusServer.listenAddress == "127.0.0.1")
        #expect(settings.statusServer.port == 8008)
        #expect(settings.statusServer.tokenFile == "/etc/manatee/operator.token")
        #expect(settings.zooKeeper.servers == "[fd00::1]:2181,zk2.example:2182,zk3.example/ha")
        #expect(settings.zooKeeper.sessionTimeout == .milliseconds(4500))
        #expect(settings.zooKeeper.tls?.identity?.keyFile == "/etc/manatee/peer.key")
        #expect(settings.postgres.osUser == "pgsql")
        #expect(
            settings.postgres.parameters == [
                "shared_buffers": "512MB", "max_connections": "200",
                "log_line_prefix": "%m \"%u\" ",
            ]
        )
        #expect(
            settings.postgres.clientAccess.map(\.description) == [
                "hostssl app,reports app 10.0.0.0/8 scram-sha-256"
            ]
        )
        #expect(settings.postgres.walKeepSize == "2GB")
        #expect(settings.postgres.replicationNetworks == ["10.0.0.0/24", "fd00::/64"])
        #expect(settings.postgres.operationTimeout == .seconds(300))
        #expect(settings.postgres.healthCheckInterval == .milliseconds(500))
        #expect(settings.oneNodeWriteMode)
        #expect(settings.rejoin == .manual)
        #expect(settings.memoryFile == "/srv/pg/memory.json")
        #expect(settings.failureDetection.postgresRetry == .seconds(3600))
        #expect(settings.failureDetection.staleReadLimit == .seconds(3))
        #expect(settings.failureDetection.guardLimit == .seconds(2))
        #expect(settings.logLevel == .debug)
    }

    @Test func `are read from the original's file with its units`() throws {
        let file = try read("original-sitter.json")
        let settings = file.settings
        #expect(file.form == .originalJSON)
        #expect(file.warnings == [])
        #expect(settings.peer.id == PeerID("127.0.0.1:5442:10012"))
        #expect(settings.peer.zoneID == "peer2-devzone")
        #expect(settings.statusServer.listenAddress == "0.0.0.0")
        #expect(settings.statusServer.port == 5443)
        #expect(settings.shardPath == "/manatee/1")
        #expect(settings.zooKeeper.servers == "127.0.0.1:2181,127.0.0.2:2181")
        #expect(settings.zooKeeper.sessionTimeout == .seconds(60))
        #expect(
            settings.postgres.dataDirectory == "/root/manatee/devconfs/datasets/manatee2/data"
        )
        #expect(settings.postgres.secretFile == "/root/manatee/devconfs/sitter2/manatee.secrets")
        #expect(settings.postgres.osUser == "postgres")
        #expect(settings.postgres.operationTimeout == .seconds(60))
        #expect(settings.postgres.healthCheckInterval == .seconds(1))
        #expect(settings.postgres.connectTimeout == .seconds(60))
    }

    @Test func `name hooks as programs and their arguments`() throws {
        let text = try SamplesFolder.read("minimal.yaml")
        let hooks = "\nhooks: {limit: 3s, takeover: [/bin/echo, a b], deposed: [\"/bin/x\"]}\n"
        let file = try SitterSettingsFile(text: text + hooks, file: "h.yaml", host: "h")
        let settings = file.settings
        #expect(settings.hooks.limit == .seconds(3))
        #expect(
            settings.hooks.commands == [.takeover: ["/bin/echo", "a b"], .deposed: ["/bin/x"]]
        )
        let again = try SitterSettingsFile(text: settings.effectiveYAML, file: "a", host: "h")
        #expect(again.settings.hooks == settings.hooks)
        #expect(try read("minimal.yaml").settings.hooks == .standard)
        do {
            let wrong = text + "\nhooks: {takeover: [echo, x]}\n"
            _ = try SitterSettingsFile(text: wrong, file: "h.yaml", host: "h")
            Issue.record("it was accepted")
        } catch {
            #expect(error.problems.map(\.key) == ["hooks.takeover"])
        }
    }

    @Test func `keep a peer's own files out of its storage`() throws {
        let settings = try read("storage.yaml").settings
        let expected = ZFSSettings(
            dataset: "tank/manatee/data",
            mountpoint: "/manatee/pg",
            isolatedKept: 2
        )
        #expect(settings.storage == .zfs(expected))
        #expect(settings.postgres.dataDirectory == "/manatee/pg/data")
        #expect(settings.postgres.socketDirectory == "/manatee/pg.manatee/socket")
        #expect(settings.postgres.secretFile == "/manatee/pg.manatee/manatee.secrets")
        #expect(settings.memoryFile == "/manatee/pg.manatee/manatee-peer.json")
        #expect(settings.backupTokenFile == "/srv/backup.token")
        let again = try SitterSettingsFile(
            text: settings.effectiveYAML,
            file: "again.yaml",
            host: "host1"
        )
        #expect(again.settings == settings)
        #expect(try read("minimal.yaml").settings.storage == nil)
    }

    @Test func `refuse a database elsewhere, and files that would travel with it`() throws {
        let text = try SamplesFolder.read("storage.yaml").replacing(
            "shardPath:",
            with: "postgres: {dataDirectory: /srv/data}\nmemoryFile: /manatee/pg/m.json\nshardPath:"
        )
        do {
            _ = try SitterSettingsFile(text: text, file: "s.yaml", host: "host1")
            Issue.record("it was accepted")
        } catch {
            #expect(
                error.problems.map(\.description) == [
                    """
                    s.yaml:1: postgres.dataDirectory: found /srv/data, while the storage's data \
                    appears in /manatee/pg; expected a directory right below /manatee/pg; \
                    to mend it: write postgres.dataDirectory: /manatee/pg/data
                    """,
                    """
                    s.yaml:2: memoryFile: found /manatee/pg/m.json, which would be copied and \
                    rolled back with the data in /manatee/pg; expected a path outside of \
                    /manatee/pg; to mend it: leave memoryFile out, or name one in \
                    /manatee/pg.manatee
                    """,
                ]
            )
        }
    }

    @Test func `take the data set of the original's file`() throws {
        let storage = try read("original-sitter.json").settings.storage
        #expect(
            storage
                == .zfs(
                    ZFSSettings(
                        dataset: "zones/devzone/data/peer2",
                        mountpoint: "/root/manatee/devconfs/datasets/manatee2"
                    )
                )
        )
    }

    @Test func `of the original's file come with a warning for each stray key`() throws {
        let text = try SamplesFolder.read("original-sitter.json")
            .replacing("\"ttl\": 60", with: "\"ttl\": 60, \"shardpath\": \"/x\"")
        let file = try SitterSettingsFile(text: text, file: "sitter.json", host: "host1")
        #expect(
            file.warnings.map(\.description) == [
                """
                sitter.json:21: shardpath: found an unknown key, which is ignored; \
                expected a known key; \
                to mend it: write shardPath if that was meant, or remove it
                """
            ]
        )
    }

    @Test(arguments: [("sitter.json", "{"), ("sitter.conf", "{"), ("sitter.json", "")])
    func `are the original's if the file is called so or begins so`(
        name: String,
        begin: String
    ) throws {
        let original = try SamplesFolder.read("original-sitter.json")
        let file = try SitterSettingsFile(
            text: begin.isEmpty ? "\u{feff}\n \(original)" : original,
            file: name,
            host: "host1"
        )
        #expect(file.form == .originalJSON)
    }

    @Test(arguments: ["minimal.yaml", "full.yaml", "original-sitter.json"])
    func `print as a file that says the same`(name: String) throws {
        let settings = try read(name).settings
        let again = try SitterSettingsFile(
            text: settings.effectiveYAML,
            file: "effective.yaml",
            host: "another host"
        )
        #expect(again.settings == settings)
    }

    @Test func `can be overridden by the environment`() throws {
        let settings = try read(
            "minimal.yaml",
            environment: [
                "MANATEE_POSTGRES_DATA_DIRECTORY": "/srv/other", "MANATEE_PEER_ZONE_ID": "z",
                "MANATEE_ZOOKEEPER_TLS_CA_FILE": "/ca.pem", "UNRELATED": "1",
            ]
        ).settings
        #expect(settings.postgres.dataDirectory == "/srv/other")
        #expect(settings.postgres.secretFile == "/srv/manatee.secrets")
        #expect(settings.peer.zoneID == "z")
        #expect(settings.zooKeeper.tls?.caFile == "/ca.pem")
    }

    @Test(arguments: [
        (SitterSettings.LogThreshold.info, 1, SitterSettings.LogThreshold.debug),
        (.info, 9, .trace), (.fatal, 0, .fatal), (.warn, 2, .debug),
    ])
    func `lower their log level stepwise, to trace at most`(
        level: SitterSettings.LogThreshold,
        steps: Int,
        expected: SitterSettings.LogThreshold
    ) {
        #expect(level.lowered(by: steps) == expected)
    }
}

@Suite("The documented sample")
struct DocumentedSampleTests {
    private var sample: String {
        get throws {
            let root = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            return try String(
                contentsOf: root.appending(path: "etc/manatee-sitter.yaml"),
                encoding: .utf8
            )
        }
    }

    /// The sample with every default that it shows taken as written.
    private var uncommented: String {
        get throws {
            try sample.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                line.replacing(/^( *)#(?=[a-zA-Z_]+:|- )/) { match in match.output.1 }
            }.joined(separator: "\n")
        }
    }

    private func settings(_ text: String) throws -> SitterSettings {
        try SitterSettingsFile(text: text, file: "sample.yaml", host: "peer1").settings
    }

    @Test func `is valid as it is`() throws {
        #expect(try settings(sample).peer.ip == "10.0.0.7")
    }

    @Test func `shows the true defaults`() throws {
        var shown = try settings(uncommented)
        // Examples, which have no default.
        shown.statusServer.tokenFile = nil
        shown.zooKeeper.credentialsFile = nil
        shown.zooKeeper.tls = nil
        shown.postgres.binDirectory = nil
        shown.postgres.osUser = nil
        shown.postgres.parameters = [:]
        shown.hooks.commands = [:]
        #expect(try shown == settings(sample))
    }

    @Test func `documents every key`() throws {
        let file = try SitterSettingsFile(text: uncommented, file: "sample.yaml", host: "peer1")
        let written = Set(keys(of: file.settings.effectiveYAML))
        let documented = Set(keys(of: try uncommented))
        #expect(written == documented)
    }

    /// The names before colons, with their indentation.
    private func keys(of text: String) -> [String] {
        text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("#") }
            .compactMap { $0.firstMatch(of: /^( *[a-zA-Z_]+):/).map { String($0.output.1) } }
    }
}
