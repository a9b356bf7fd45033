import ManateeLocal
import Testing
import ZooKeeperClient

@Suite(
    "One real ZooKeeper server: watches",
    .serialized,
    .timeLimit(.minutes(2)),
    .zooKeeper(servers: 1)
)
struct WatchTests {
    @Test func `a watch fires once for each kind of change`() async throws {
        try await RunningStore.shared().withClient { client in
            let missing = try await client.watchExistence("/w")
            #expect(missing.value == nil)
            try await client.create("/w", data: [1])
            #expect(try await missing.watch.event() == WatchEvent(kind: .created, path: "/w"))

            let data = try await client.watchData("/w")
            #expect(data.value.data == [1])
            let existing = try await client.watchExistence("/w")
            try await client.set("/w", data: [2], version: nil)
            #expect(try await data.watch.event().kind == .dataChanged)
            #expect(try await existing.watch.event().kind == .dataChanged)

            let children = try await client.watchChildren(of: "/w")
            try await client.create("/w/c")
            #expect(try await children.watch.event().kind == .childrenChanged)

            let again = try await client.watchData("/w")
            let childless = try await client.watchChildren(of: "/w")
            try await client.delete("/w/c", version: nil)
            #expect(try await childless.watch.event().kind == .childrenChanged)
            try await client.delete("/w", version: nil)
            #expect(try await again.watch.event().kind == .deleted)
            var events: [WatchEvent] = []
            for try await event in again.watch {
                events.append(event)
            }
            #expect(events.isEmpty, "the one event was read above")
        }
    }

    @Test func `an event is there before the data that it tells of`() async throws {
        let store = try RunningStore.shared()
        try await store.withClient { reader in
            try await store.withClient { writer in
                try await writer.create("/order", data: [0])
                for round in UInt8(1)...50 {
                    let watched = try await reader.watchData("/order")
                    async let write = writer.set("/order", data: [round], version: nil)
                    var seen = watched.value.data
                    while seen != [round] {
                        seen = try await reader.get("/order").data
                    }
                    // Cancelled, a wait returns only what has come already.
                    let event = await withTaskGroup(of: WatchEvent?.self) { group in
                        group.cancelAll()
                        group.addTask { try? await watched.watch.event() }
                        return await group.next() ?? nil
                    }
                    #expect(event?.kind == .dataChanged)
                    _ = try await write
                }
            }
        }
    }

    @Test func `a persistent watch tells every event of its node`() async throws {
        try await RunningStore.shared().withClient { client in
            let events = try await client.events(at: "/p", scope: .node)
            try await client.create("/p")
            try await client.set("/p", data: [1], version: nil)
            try await client.create("/p/c")
            try await client.set("/p/c", data: [1], version: nil)
            try await client.delete("/p/c", version: nil)
            try await client.delete("/p", version: nil)
            #expect(
                try await kinds(of: events, 5) == [
                    .created, .dataChanged, .childrenChanged, .childrenChanged, .deleted,
                ]
            )
        }
    }

    @Test func `a watch of a subtree tells what happens below`() async throws {
        try await RunningStore.shared().withClient { client in
            let events = try await client.events(at: "/sub", scope: .subtree)
            try await client.create("/sub")
            try await client.create("/sub/a")
            try await client.create("/sub/a/b")
            try await client.set("/sub/a/b", data: [1], version: nil)
            try await client.create("/subway")
            try await client.delete("/sub/a/b", version: nil)
            var iterator = events.makeAsyncIterator()
            var seen: [WatchEvent?] = []
            for _ in 0..<5 {
                seen.append(try await iterator.next())
            }
            #expect(
                seen == [
                    WatchEvent(kind: .created, path: "/sub"),
                    WatchEvent(kind: .created, path: "/sub/a"),
                    WatchEvent(kind: .created, path: "/sub/a/b"),
                    WatchEvent(kind: .dataChanged, path: "/sub/a/b"),
                    WatchEvent(kind: .deleted, path: "/sub/a/b"),
                ]
            )
        }
    }

    @Test func `one-shot and persistent watches of one node do not harm each other`() async throws {
        try await RunningStore.shared().withClient { client in
            try await client.create("/mixed")
            let before = try await client.watchData("/mixed")
            let persistent = try await client.events(at: "/mixed", scope: .node)
            let subtree = try await client.events(at: "/mixed", scope: .subtree)
            let after = try await client.watchData("/mixed")
            let children = try await client.watchChildren(of: "/mixed")
            try await client.set("/mixed", data: [1], version: nil)
            #expect(try await before.watch.event().kind == .dataChanged)
            #expect(try await after.watch.event().kind == .dataChanged)
            try await client.set("/mixed", data: [2], version: nil)
            try await client.create("/mixed/c")
            #expect(try await children.watch.event().kind == .childrenChanged)
            #expect(
                try await kinds(of: persistent, 3) == [
                    .dataChanged, .dataChanged, .childrenChanged,
                ]
            )
            #expect(
                try await kinds(of: subtree, 3) == [.dataChanged, .dataChanged, .created]
            )
        }
    }

    @Test func `a persistent watch is removed at the server with its last reader`() async throws {
        let store = try RunningStore.shared()
        let server = store.ensemble.servers[0]
        try await store.withClient { client in
            try await client.create("/left")
            do {
                let first = try await client.events(at: "/left", scope: .subtree)
                do {
                    let second = try await client.events(at: "/left", scope: .node)
                    #expect(try #require(await server.ask("wchp")).contains("/left"))
                    withExtendedLifetime(second) {}
                }
                try await client.sync()
                #expect(try #require(await server.ask("wchp")).contains("/left"))
                withExtendedLifetime(first) {}
            }
            try await eventually("the server keeps a watch that nobody reads") {
                try await client.sync()
                return try #require(await server.ask("wchp")).contains("/left") == false
            }
        }
    }

    @Test func `a one-shot watch survives the removal of a persistent one`() async throws {
        try await RunningStore.shared().withClient { client in
            try await client.create("/kept")
            let watch = try await client.watchData("/kept").watch
            do {
                let events = try await client.events(at: "/kept", scope: .node)
                withExtendedLifetime(events) {}
            }
            #expect(try await watch.event().kind == .resynchronise)
        }
    }
}

/// The next events' kinds.
func kinds(of events: WatchEvents, _ count: Int) async throws -> [WatchEvent.Kind?] {
    var iterator = events.makeAsyncIterator()
    var kinds: [WatchEvent.Kind?] = []
    for _ in 0..<count {
        kinds.append(try await iterator.next()?.kind)
    }
    return kinds
}
