import Foundation
import Testing

@testable import ManateeConfiguration

@Suite("The configuration of a proxy")
struct ProxySettingsTests {
    private static let least = """
        shardPath: /manatee/1
        zookeeper:
          servers: 10.0.0.1:2181

        """

    private var sample: String {
        get throws {
            let root = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            return try String(
                contentsOf: root.appending(path: "etc/manatee-proxy.yaml"),
                encoding: .utf8
            )
        }
    }

    private func settings(
        _ text: String,
        environment: [String: String] = [:]
    ) throws -> ProxySettings {
        try ProxySettings(text: text, file: "proxy.yaml", environment: environment)
    }

    @Test func `needs the shard and ZooKeeper only`() throws {
        let settings = try settings(Self.least)
        #expect(settings.readWrite.port == 6432)
        #expect(settings.readOnly?.port == 6433)
        #expect(settings.admin?.port == 6434)
        #expect(settings.hold == .init(time: .seconds(30), connections: 1000))
        #expect(settings.reading.maximumLag == 64 << 20)
    }

    @Test func `is documented with its true defaults`() throws {
        let uncommented = try sample.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in line.replacing(/^( *)#(?=[a-zA-Z_]+:)/) { $0.output.1 } }
            .joined(separator: "\n")
        var shown = try settings(uncommented)
        // Examples, which have no default.
        shown.zooKeeper.credentialsFile = nil
        shown.zooKeeper.tls = nil
        shown.threads = nil
        #expect(try shown == settings(sample))
    }

    @Test func `can be without the port for readers and the one for metrics`() throws {
        let settings = try settings(
            Self.least + "readOnly:\n  enabled: false\nadmin:\n  enabled: false\n"
        )
        #expect(settings.readOnly == nil)
        #expect(settings.admin == nil)
    }

    @Test func `is overridden by the environment`() throws {
        let settings = try settings(Self.least, environment: ["MANATEE_READ_WRITE_PORT": "7000"])
        #expect(settings.readWrite.port == 7000)
    }

    @Test(arguments: [
        ("readWrite:\n  port: 6433\n", "which readWrite.port has too"),
        ("readOnly:\n  maximumLag: 16\n", "expected a size with its unit"),
        ("readOnly:\n  balance: random\n", "expected one of roundRobin, leastConnections"),
        ("threads: 0\n", "expected a whole number, 1 to 256"),
        ("hold:\n  tiem: 1s\n", "write hold.time if that was meant"),
        ("frobnicate: 1\n", "etc/manatee-proxy.yaml lists all keys"),
    ])
    func `says what is wrong`(more: String, words: String) {
        let error = #expect(throws: InvalidConfiguration.self) { try settings(Self.least + more) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }
}
