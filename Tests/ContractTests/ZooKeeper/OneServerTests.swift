import Testing
import ZooKeeperClient

@Suite(
    "One real ZooKeeper server: operations",
    .serialized,
    .timeLimit(.minutes(2)),
    .zooKeeper(servers: 1)
)
struct OneServerTests {
    @Test func `keeps a node from creation to deletion, with its versions`() async throws {
        try await RunningStore.shared().withClient { client in
            let created = try await client.create("/life", data: [1, 2])
            #expect(created.path == "/life")
            #expect(created.stat.version == 0)
            #expect(created.stat.dataLength == 2)
            #expect(created.stat.ephemeralOwner == nil)

            let stat = try await client.set("/life", data: [3], version: 0)
            #expect(stat.version == 1)
            #expect(stat.modified > stat.created)
            let read = try await client.get("/life")
            #expect(read.data == [3])
            #expect(read.stat == stat)
            #expect(try await client.exists("/life") == stat)

            let stale = try await failure { try await client.set("/life", data: [], version: 0) }
            #expect(stale.code == .badVersion)
            #expect(stale.outcome == .notDone)
            #expect(stale.path == "/life")
            let staleDelete = try await failure { try await client.delete("/life", version: 0) }
            #expect(staleDelete.code == .badVersion)
            try await client.delete("/life", version: 1)
            #expect(try await client.exists("/life") == nil)
        }
    }

    @Test func `tells why it refuses`() async throws {
        try await RunningStore.shared().withClient { client in
            try await client.create("/taken")
            try await client.create("/taken/child")
            try await client.create("/short", mode: .ephemeral)
            #expect(try await failure { try await client.create("/taken") }.code == .nodeExists)
            #expect(try await failure { try await client.create("/no/parent") }.code == .noNode)
            #expect(try await failure { try await client.get("/none") }.code == .noNode)
            #expect(
                try await failure { try await client.delete("/taken", version: nil) }.code
                    == .notEmpty
            )
            #expect(
                try await failure { try await client.create("/short/child") }.code
                    == .noChildrenForEphemerals
            )
            #expect(try await failure { try await client.get("relative") }.code == .invalidPath)
            #expect(
                try await failure { try await client.set("/taken", data: [], version: -1) }.code
                    == .invalidArgument
            )
        }
    }

    @Test func `creates nodes of every mode`() async throws {
        try await RunningStore.shared().withClient { client in
            let session = try await sessionID(of: client)
            try await client.create("/modes")
            let first = try await client.create("/modes/n-", mode: .persistentSequential)
            let second = try await client.create("/modes/n-", mode: .ephemeralSequential)
            #expect(first.path == "/modes/n-0000000000")
            #expect(second.path == "/modes/n-0000000001")
            #expect(second.stat.ephemeralOwner == session)
            let bare = try await client.create("/modes/", mode: .persistentSequential)
            #expect(bare.path == "/modes/0000000002")
            let container = try await client.create("/modes/c", mode: .container)
            #expect(container.stat.ephemeralOwner == nil)
            let expiring = try await client.create(
                "/modes/t",
                mode: .persistentWithTTL(.seconds(60))
            )
            #expect(expiring.stat.ephemeralOwner == nil)
            let numbered = try await client.create(
                "/modes/t-",
                mode: .persistentSequentialWithTTL(.seconds(60))
            )
            #expect(numbered.path.hasPrefix("/modes/t-0"))
            let children = try await client.children(of: "/modes")
            #expect(children.names.count == 6)
            #expect(children.stat.childCount == 6)
        }
    }

    @Test func `carries out all of a transaction`() async throws {
        try await RunningStore.shared().withClient { client in
            try await client.create("/multi", data: [0])
            let result = try await client.multi([
                .check("/multi", version: 0),
                .create("/multi/a", data: [1]),
                .create("/multi/s-", mode: .ephemeralSequential),
                .create("/multi/c", mode: .container),
                .create("/multi/t", mode: .persistentWithTTL(.seconds(60))),
                .set("/multi", data: [2], version: 0),
                .delete("/multi/a", version: 0),
            ])
            #expect(result.isCommitted)
            #expect(result.failure == nil)
            let results = try result.get()
            #expect(results.count == 7)
            #expect(results[0] == .checked)
            guard case .created(let path) = results[2] else {
                Issue.record("\(results[2])")
                return
            }
            #expect(path.hasPrefix("/multi/s-"))
            #expect(try await client.exists(path)?.ephemeralOwner == client.status.sessionID)
            #expect(results[3] == .created(path: "/multi/c"))
            #expect(results[4] == .created(path: "/multi/t"))
            guard case .set(let stat) = results[5] else {
                Issue.record("\(results[5])")
                return
            }
            #expect(stat.version == 1)
            #expect(results[6] == .deleted)
            #expect(try await client.exists("/multi/a") == nil)
            #expect(try await client.multi([]).results.isEmpty)
        }
    }

    @Test func `undoes all of a transaction that fails, and says where`() async throws {
        try await RunningStore.shared().withClient { client in
            try await client.create("/undo")
            let result = try await client.multi([
                .create("/undo/a"),
                .check("/undo", version: 7),
                .create("/undo/b"),
            ])
            #expect(!result.isCommitted)
            #expect(result.results[0] == .rolledBack)
            #expect(result.failure?.index == 1)
            #expect(result.failure?.error.code == .badVersion)
            #expect(result.failure?.error.path == "/undo")
            #expect(result.failure?.error.outcome == .notDone)
            #expect(result.results[2] == .notAttempted)
            #expect(try await client.children(of: "/undo").names.isEmpty)
            #expect(
                try await failure { try await client.check("/undo", version: 1) }.code
                    == .badVersion
            )
            try await client.check("/undo", version: 0)
        }
    }

    @Test func `answers in order, however much is asked at once`() async throws {
        try await RunningStore.shared().withClient { client in
            try await client.create("/counter", data: [0])
            let versions = try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 0..<500 {
                    group.addTask {
                        try await client.set("/counter", data: [1], version: nil).version
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(versions.sorted() == Array(1...500))
            try await client.sync("/counter")
        }
    }

    @Test func `refuses what is too large before it is sent, and reads the largest`() async throws {
        try await RunningStore.shared().withClient { client in
            // Number, operation, path "/large" and version take 30 bytes of a frame.
            try await client.create("/large")
            let largest = [UInt8](repeating: 7, count: 1_048_575 - 26)
            try await client.set("/large", data: largest, version: nil)
            #expect(try await client.get("/large").data == largest)
            let error = try await failure {
                try await client.set("/large", data: largest + [7], version: nil)
            }
            #expect(error.code == .requestTooLarge)
            #expect(error.outcome == .notDone)
            #expect(client.status.state == .connected)
        }
    }

    @Test func `lives below its chroot`() async throws {
        let store = try RunningStore.shared()
        try await store.withClient { outside in
            try await outside.create("/base")
            let configuration = try store.configuration(chroot: "/base")
            try await ZooKeeperClient.withClient(configuration, logger: .quiet) { inside in
                let watched = try await inside.watchChildren(of: "/")
                let events = try await inside.events(at: "/", scope: .subtree)
                #expect(try await inside.create("/a").path == "/a")
                #expect(try await outside.exists("/base/a") != nil)
                #expect(try await watched.watch.event().path == "/")
                var iterator = events.makeAsyncIterator()
                #expect(
                    try await iterator.next() == WatchEvent(kind: .created, path: "/a")
                )
                let result = try await inside.multi([
                    .create("/a/n-", mode: .persistentSequential)
                ])
                #expect(try result.get() == [.created(path: "/a/n-0000000000")])
                #expect(
                    try await inside.create("/", mode: .persistentSequential).path.hasPrefix("/0")
                )
            }
        }
    }

    @Test func `follows a value and the children's names`() async throws {
        try await RunningStore.shared().withClient { client in
            var values = client.values(at: "/followed").makeAsyncIterator()
            #expect(try await values.next() == .some(nil))
            try await client.create("/followed", data: [1])
            #expect(try await values.next()??.data == [1])
            try await client.set("/followed", data: [2], version: nil)
            #expect(try await values.next()??.data == [2])
            var names = client.childNames(of: "/followed").makeAsyncIterator()
            #expect(try await names.next() == [])
            try await client.create("/followed/b")
            #expect(try await names.next() == ["b"])
            try await client.delete("/followed/b", version: nil)
            try await client.delete("/followed", version: nil)
            #expect(try await values.next() == .some(nil))
        }
    }
}

/// The number of a client's session, once it is connected.
func sessionID(of client: ZooKeeperClient) async throws -> SessionID {
    try await client.waitUntilConnected()
    return try #require(client.status.sessionID)
}
