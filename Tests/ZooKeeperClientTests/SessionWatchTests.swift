import Testing

@testable import ZooKeeperClient

@Suite("A session's watches")
struct SessionWatchTests {
    private func reads(_ bench: inout Bench, _ request: Request, xid: Int32, zxid: Int64 = 1) {
        bench.submit(request)
        bench.reply(xid, zxid: zxid) { writer in
            switch request {
            case .getData: writer.write([UInt8]())
            case .getChildren: writer.write([String]())
            case _: break
            }
            writer.writeStat()
        }
        bench.take()
    }

    @Test func `the event comes before the reply that could show the change`() throws {
        var bench = Bench.connected()
        reads(&bench, .getData(path: "/a", watch: watch(1)), xid: 1)
        let id = bench.submit(.getData(path: "/a", watch: nil))
        bench.take()
        // Both in one read from the network.
        var event = JuteWriter()
        event.write(Int32(-1))
        event.write(Int64(-1))
        event.write(Int32(0))
        event.write(Int32(3))
        event.write(Int32(3))
        event.write("/a")
        var reply = JuteWriter()
        reply.write(Int32(2))
        reply.write(Int64(9))
        reply.write(Int32(0))
        reply.write([UInt8]([1]))
        reply.writeStat()
        bench.handle(
            .received(
                bench.connection,
                JuteWriter.frame(event.bytes) + JuteWriter.frame(reply.bytes)
            )
        )
        let actions = bench.take()
        #expect(
            actions.first == .deliver(watch(1), WatchEvent(kind: .dataChanged, path: "/a"))
        )
        #expect(actions.completions[id] != nil)
        bench.notify(3, "/a")
        #expect(bench.take().events.isEmpty, "it fires once")
    }

    @Test func `are set again after a reconnect, before any request`() throws {
        var bench = Bench.connected()
        reads(&bench, .getData(path: "/d", watch: watch(1)), xid: 1, zxid: 30)
        reads(&bench, .getChildren(path: "/c", watch: watch(2)), xid: 2, zxid: 41)
        bench.submit(.exists(path: "/e", watch: watch(3)))
        bench.reply(3, zxid: 41, error: -101)
        bench.submit(.addWatch(path: "/p", scope: .node, watch: watch(4)))
        bench.reply(4, zxid: 0)
        bench.submit(.addWatch(path: "/r", scope: .subtree, watch: watch(5)))
        bench.reply(5, zxid: 42)
        bench.lose()
        let waiting = bench.submit(.getData(path: "/d", watch: nil))
        bench.open()
        bench.take()
        bench.welcome()
        let frames = try bench.take().frames
        #expect(frames.map { [$0.xid, $0.code] } == [[-8, 105], [1, 4]])
        var reader = JuteReader(frames[0].body)
        #expect(try reader.readInt64() == 42, "relative to the last transaction seen")
        #expect(try reader.readStrings() == ["/d"])
        #expect(try reader.readStrings() == ["/e"])
        #expect(try reader.readStrings() == ["/c"])
        #expect(try reader.readStrings() == ["/p"])
        #expect(try reader.readStrings() == ["/r"])

        bench.notify(3, "/d")
        #expect(bench.take().events.map(\.watch) == [watch(1)])
        bench.reply(ReservedXid.setWatches)
        let events = bench.take().events
        #expect(events.map(\.watch) == [watch(4), watch(5)])
        #expect(events.allSatisfy { $0.kind == .resynchronise })
        bench.reply(1) {
            $0.write([UInt8]())
            $0.writeStat()
        }
        #expect(bench.take().completions[waiting] != nil)
    }

    @Test func `many are set again in several frames, and the mark comes after the last`() throws {
        var bench = Bench.connected { $0.maximumRequests = 5_000 }
        let long = String(repeating: "x", count: 200)
        for number in 1...1_500 {
            bench.submit(
                .addWatch(
                    path: "/\(long)\(number)",
                    scope: .node,
                    watch: watch(UInt64(number))
                )
            )
            bench.reply(Int32(number))
        }
        bench.lose()
        bench.open()
        bench.take()
        bench.welcome()
        let frames = try bench.take().frames
        #expect(frames.count == 3)
        #expect(frames.allSatisfy { $0.body.count < 140_000 })
        bench.reply(ReservedXid.setWatches)
        bench.reply(ReservedXid.setWatches)
        #expect(bench.take().events.isEmpty)
        bench.reply(ReservedXid.setWatches)
        #expect(bench.take().events.count == 1_500)
    }

    @Test func `that were lost on their way are not set by the next connection`() throws {
        var bench = Bench.connected()
        let id = bench.submit(.addWatch(path: "/a", scope: .node, watch: watch(1)))
        bench.lose()
        #expect(bench.take().failure(of: id)?.code == .connectionLost)
        bench.open()
        bench.take()
        bench.welcome()
        #expect(try bench.take().frames.isEmpty)
        #expect(bench.machine.registry.count == 0)
    }

    @Test func `are not set for reads that fail, except to see a node come`() {
        var bench = Bench.connected()
        bench.submit(.getData(path: "/a", watch: watch(1)))
        bench.reply(1, error: -101)
        bench.submit(.getChildren(path: "/a", watch: watch(2)))
        bench.reply(2, error: -101)
        bench.submit(.exists(path: "/a", watch: watch(3)))
        bench.reply(3, error: -101)
        bench.submit(.exists(path: "/b", watch: watch(4)))
        bench.reply(4, error: -102)
        bench.submit(.addWatch(path: "/a", scope: .node, watch: watch(5)))
        bench.reply(5, error: -6)
        bench.take()
        bench.notify(1, "/a")
        #expect(bench.take().events.map(\.watch) == [watch(3)])
        #expect(bench.machine.registry.count == 0)
    }

    @Test func `of one node: a persistent one stands in for one-shot ones`() throws {
        var bench = Bench.connected()
        bench.submit(.addWatch(path: "/a", scope: .node, watch: watch(1)))
        bench.submit(.getData(path: "/a", watch: watch(2)))
        let frames = try bench.take().frames
        #expect(frames[1].body.last == 0, "the server is not asked for a watch")
        bench.reply(1)
        bench.reply(2) {
            $0.write([UInt8]())
            $0.writeStat()
        }
        bench.take()
        bench.notify(3, "/a")
        #expect(bench.take().events.map(\.watch) == [watch(2), watch(1)])
    }

    @Test func `that a persistent one was to fire are told to look when it fails`() {
        var bench = Bench.connected()
        bench.submit(.addWatch(path: "/a", scope: .node, watch: watch(1)))
        bench.submit(.getData(path: "/a", watch: watch(2)))
        bench.reply(1, error: -6)
        bench.take()
        bench.reply(2) {
            $0.write([UInt8]())
            $0.writeStat()
        }
        let events = bench.take().events
        #expect(events == [.init(watch: watch(2), kind: .resynchronise, path: "/a")])
    }

    @Test func `that nobody reads are removed at the server, and others are told to look`() throws {
        var bench = Bench.connected()
        reads(&bench, .getData(path: "/a", watch: watch(1)), xid: 1)
        bench.submit(.addWatch(path: "/a", scope: .subtree, watch: watch(2)))
        bench.submit(.addWatch(path: "/a", scope: .node, watch: watch(3)))
        #expect(
            try bench.take().frames.allSatisfy { $0.body.suffix(4) == [0, 0, 0, 1] },
            "the server keeps the wider one"
        )
        bench.reply(2)
        bench.reply(3)
        bench.handle(.unwatch(watch(2)))
        let narrow = try bench.take().frames
        #expect(narrow.map(\.code) == [106])
        #expect(narrow[0].body.suffix(4) == [0, 0, 0, 0])
        bench.reply(4)
        bench.handle(.unwatch(watch(3)))
        #expect(try bench.take().frames.map(\.code) == [18])
        bench.reply(5)
        #expect(bench.take().events.map(\.watch) == [watch(1)])
        #expect(bench.machine.registry.count == 0)
        bench.handle(.unwatch(watch(3)))
        #expect(bench.take().isEmpty)
    }

    @Test func `that were cancelled on their way are removed when they arrive`() throws {
        var bench = Bench.connected()
        let added = bench.submit(.addWatch(path: "/a", scope: .node, watch: watch(1)))
        let read = bench.submit(.getData(path: "/b", watch: watch(2)))
        bench.take()
        bench.handle(.cancel(added))
        bench.handle(.cancel(read))
        #expect(try bench.take().frames.map(\.code) == [18])
        bench.reply(1)
        bench.reply(2) {
            $0.write([UInt8]())
            $0.writeStat()
        }
        bench.reply(3)
        #expect(bench.machine.registry.count == 0)
    }

    @Test func `speak the client's paths`() throws {
        var bench = Bench.connected { $0.chroot = Chroot("/root") }
        bench.submit(.addWatch(path: "/a", scope: .subtree, watch: watch(1)))
        var reader = JuteReader(try bench.take().frames[0].body)
        #expect(try reader.readString() == "/root/a")
        bench.reply(1)
        bench.take()
        bench.notify(1, "/root/a/b")
        bench.notify(1, "/a/b")
        #expect(bench.take().events == [.init(watch: watch(1), kind: .created, path: "/a/b")])
    }
}

@Suite struct WatchRegistryTests {
    @Test func `an event goes to whom it concerns`() {
        var registry = WatchRegistry()
        registry.add(watch(1), .data, at: "/a")
        registry.add(watch(2), .existence, at: "/a")
        registry.add(watch(3), .children, at: "/a")
        _ = registry.add(watch(4), .node, at: "/a")
        _ = registry.add(watch(5), .subtree, at: "/")
        _ = registry.add(watch(6), .subtree, at: "/other")
        #expect(registry.dispatch(.childrenChanged, at: "/a").map(\.watch) == [watch(3), watch(4)])
        #expect(
            registry.dispatch(.deleted, at: "/a").map(\.watch)
                == [watch(1), watch(2), watch(4), watch(5)]
        )
        #expect(registry.dispatch(.created, at: "/a").map(\.watch) == [watch(4), watch(5)])
        #expect(registry.dispatch(.dataChanged, at: "/ab").map(\.watch) == [watch(5)])
        #expect(registry.count == 3)
        #expect(registry.removeAll() == [watch(4), watch(5), watch(6)])
        #expect(registry.resubscription.isEmpty)
    }

    @Test func `what a recursive watch does not say is concluded`() {
        var registry = WatchRegistry()
        #expect(registry.add(watch(1), .subtree, at: "/a") == .subtree)
        #expect(registry.add(watch(2), .node, at: "/a") == .subtree)
        registry.add(watch(3), .children, at: "/a")
        let deliveries = registry.dispatch(.created, at: "/a/b")
        #expect(
            deliveries == [
                .init(watch: watch(1), kind: .created, path: "/a/b"),
                .init(watch: watch(3), kind: .childrenChanged, path: "/a"),
                .init(watch: watch(2), kind: .childrenChanged, path: "/a"),
            ]
        )
        #expect(registry.dispatch(.dataChanged, at: "/a/b").map(\.watch) == [watch(1)])
        #expect(registry.remove(watch(1)) == .narrow(path: "/a"))
        #expect(registry.remove(watch(2)) == .removePersistent(path: "/a"))
        #expect(registry.remove(watch(2)) == .nothing)
    }
}

@Suite(.timeLimit(.minutes(1))) struct WatchBufferTests {
    @Test func `events wait for their reader, and the end comes after them`() async throws {
        let buffer = WatchBuffer(path: "/a", limit: 10, isOneShot: false)
        buffer.push(WatchEvent(kind: .created, path: "/a"))
        buffer.push(WatchEvent(kind: .deleted, path: "/a"))
        buffer.finish(ZooKeeperError(code: .sessionExpired))
        buffer.push(WatchEvent(kind: .created, path: "/a"))
        #expect(try await buffer.next()?.kind == .created)
        #expect(try await buffer.next()?.kind == .deleted)
        await #expect(throws: ZooKeeperError(code: .sessionExpired)) { try await buffer.next() }
    }

    @Test func `more events than it holds become one that says so`() async throws {
        let buffer = WatchBuffer(path: "/a", limit: 3, isOneShot: false)
        for _ in 0..<4 {
            buffer.push(WatchEvent(kind: .dataChanged, path: "/a/b"))
        }
        buffer.push(WatchEvent(kind: .deleted, path: "/a/b"))
        #expect(try await buffer.next() == WatchEvent(kind: .resynchronise, path: "/a"))
        #expect(try await buffer.next()?.kind == .deleted)
    }

    @Test func `a reader that is cancelled gets nothing and loses nothing`() async throws {
        let buffer = WatchBuffer(path: "/a", limit: 3, isOneShot: false)
        let seen = try await withThrowingTaskGroup(of: WatchEvent?.self) { group in
            group.addTask { try await buffer.next() }
            group.cancelAll()
            return try await group.next() ?? nil
        }
        #expect(seen == nil)
        buffer.push(WatchEvent(kind: .created, path: "/a"))
        #expect(try await buffer.next()?.kind == .created)
    }

    @Test func `a one-shot watch ends behind its event, for all readers`() async throws {
        let buffer = WatchBuffer(path: "/a", limit: 1, isOneShot: true)
        let seen = try await withThrowingTaskGroup(of: WatchEvent?.self) { group in
            for _ in 0..<3 {
                group.addTask { try await buffer.next() }
            }
            buffer.push(WatchEvent(kind: .created, path: "/a"))
            return try await group.reduce(into: [WatchEvent]()) { events, event in
                if let event { events.append(event) }
            }
        }
        #expect(seen == [WatchEvent(kind: .created, path: "/a")])
    }
}
