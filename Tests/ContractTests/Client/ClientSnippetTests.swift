import Foundation
import ManateeClient
import ManateeCore
import ManateeLocal
import ManateeWire
import Synchronization
import Testing
import ZooKeeperClient

@Suite(
    "The examples of ManateeClient's documentation",
    .serialized,
    .timeLimit(.minutes(2)),
    .zooKeeper(servers: 1)
)
struct ClientSnippetTests {
    private static let project = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.project.appending(path: path), encoding: .utf8)
    }

    @Test func `are those that are compiled here`() throws {
        let source = try text("Tests/ContractTests/Client/ClientSnippets.swift")
        let snippets = source.components(separatedBy: "// begin\n").dropFirst().compactMap {
            $0.components(separatedBy: "        // end\n").first?
                .split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.hasPrefix("        ") ? String($0.dropFirst(8)) : String($0) }
                .joined(separator: "\n")
        }
        let document = try text("Sources/ManateeClient/ManateeClient.docc/ManateeClient.md")
        let examples = document.components(separatedBy: "```swift\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(examples == snippets)
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func note(_ line: String) { lines.withLock { $0.append(line) } }
        var noted: [String] { lines.withLock { $0 } }
    }

    @Test func `do what they say`() async throws {
        let store = try RunningStore.shared()
        let path = "/manatee/1.moray"
        try await store.withClient { client in
            for directory in ["/manatee", path] { try await client.create(directory) }
            let state = ClusterState(
                generation: Generation(4),
                primary: .example(1),
                sync: .example(2),
                async: [],
                deposed: [],
                initWAL: .zero
            )
            try await client.create(path + "/state", data: ClusterStateJSON.encode(state))
        }
        let snippets = ClientSnippets(servers: store.ensemble.connectionString)
        let lines = Lines()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await snippets.follow { lines.note($0) } }
            try await eventually("a line") {
                lines.noted == ["write to 10.0.0.1:5432"]
            }
            group.cancelAll()
            while await group.nextResult() != nil {}
        }
        let tokens = Lines()
        try await snippets.runBeside { client in
            let shard = try client.shard(path)
            #expect(
                try await snippets.connectionURL(of: shard)
                    == "postgresql://app@10.0.0.1:5432,10.0.0.2:5432/moray"
                    + "?target_session_attrs=read-write"
            )
            try await snippets.work(with: shard) { tokens.note("\($0)") }
            let metrics = ClientSnippets.Metrics()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await snippets.watch(shard, metrics) }
                try await eventually("the knowledge is current") { metrics.isCurrent }
                group.cancelAll()
            }
        }
        #expect(tokens.noted == ["4"])
    }
}
