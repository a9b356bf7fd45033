import Foundation
import ManateeConfiguration
import ManateeCore
import Testing

@testable import ManateeLocal

@Suite("Configurations for sitters on one machine")
struct DevConfigurationTests {
    private func configuration(_ peer: Int, shard: String = "1") -> DevConfiguration {
        DevConfiguration(
            peer: peer,
            ip: "10.1.2.3",
            storeServers: "10.1.2.4:2181,10.1.2.5:2181",
            shard: shard,
            root: "/srv/devconfs",
            host: "hosty",
            postgresVersion: "15"
        )
    }

    @Test(arguments: [(1, 5432, 10001, 10002), (2, 5442, 10011, 10012), (3, 5452, 10021, 10022)])
    func `have the original's ports`(peer: Int, postgres: Int, receive: Int, backup: Int) throws {
        let configuration = configuration(peer)
        #expect(configuration.postgresPort == postgres)
        #expect(configuration.receivePort == receive)
        #expect(configuration.backupPort == backup)
    }

    @Test func `are understood by the sitter in the original's format`() throws {
        let text = try #require(configuration(2).files.first { $0.name == "sitter.json" }).text
        let file = try SitterSettingsFile(text: text, file: "sitter.json", host: "hosty")
        #expect(file.form == .originalJSON)
        #expect(file.warnings.isEmpty)
        let settings = file.settings
        #expect(settings.peer.id.text == "10.1.2.3:5442:10012")
        #expect(settings.peer.zoneID == "peer2-hosty")
        #expect(settings.statusServer.port == 5443)
        #expect(settings.shardPath == "/manatee/1")
        #expect(settings.zooKeeper.servers == "10.1.2.4:2181,10.1.2.5:2181")
        #expect(settings.zooKeeper.sessionTimeout == .seconds(60))
        #expect(settings.postgres.dataDirectory == "/srv/devconfs/datasets/manatee2/data")
        #expect(settings.postgres.secretFile == "/srv/devconfs/manatee.secrets")
    }

    @Test func `take a shard's name or its full path`() {
        #expect(configuration(1, shard: "moray").shardPath == "/manatee/moray")
        #expect(configuration(1, shard: "/other/moray").shardPath == "/other/moray")
    }

    @Test func `are valid JSON in every file`() throws {
        for (_, text) in configuration(1).files {
            #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) is [String: Any])
        }
    }

    @Test func `are understood by the sitter in its own format`() throws {
        let directory = DevDirectory(path: "/srv/some \"shard\"")
        let settings = DevSettings(
            shard: "1",
            ports: PortPlan(
                peers: [.init(postgres: 100, backup: 102), .init(postgres: 110, backup: 112)],
                storeNodes: [120, 130]
            ),
            sessionTimeoutMilliseconds: 2500,
            tickMilliseconds: 500
        )
        let file = try SitterSettingsFile(
            text: SitterYAML.text(peer: 2, settings: settings, directory: directory, asRoot: true),
            file: "sitter.yaml",
            host: "hosty"
        )
        #expect(file.form == .yaml)
        #expect(file.settings.peer.id.text == "127.0.0.1:110:112")
        #expect(file.settings.statusServer.port == 111)
        #expect(file.settings.zooKeeper.servers == "127.0.0.1:120,127.0.0.1:130")
        #expect(file.settings.zooKeeper.sessionTimeout == .milliseconds(2500))
        #expect(file.settings.postgres.dataDirectory == directory.dataDirectory(2))
        #expect(
            settings.connectionString
                == "host=127.0.0.1,127.0.0.1 port=100,110 user=app dbname=app "
                + "target_session_attrs=read-write"
        )
    }

    @Test func `print JSON with its keys in order and its text escaped`() {
        let json = OrderedJSON.object([
            ("b", .text("say \"hi\"\\\n\u{1}")), ("a", .object([("n", .number(1))])),
        ])
        #expect(
            json.printed() == """
                {
                  "b": "say \\"hi\\"\\\\\\n\\u0001",
                  "a": {
                    "n": 1
                  }
                }
                """
        )
    }
}
