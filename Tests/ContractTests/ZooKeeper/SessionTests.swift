import ManateeLocal
import Testing
import ZooKeeperClient

@Suite(
    "One real ZooKeeper server: sessions",
    .serialized,
    .timeLimit(.minutes(3)),
    .zooKeeper(servers: 1)
)
struct SessionTests {
    @Test func `negotiates its timeout and keeps its deadline ahead`() async throws {
        try await RunningStore.shared().withClient(timeout: .milliseconds(100)) { client in
            try await client.waitUntilConnected()
            #expect(client.status.timeout == .seconds(1), "two ticks of 500 ms are the least")
            let first = try #require(client.status.deadline)
            #expect(first <= .now.advanced(by: .seconds(1)))
            try await eventually("pings move the deadline", within: .seconds(5)) {
                try #require(client.status.deadline) > first.advanced(by: .seconds(1))
            }
            #expect(client.status.isAlive(at: .now))
            #expect(client.status.state == .connected)
        }
    }

    @Test func `closing ends ephemeral nodes at once, and is told to all who wait`() async throws {
        let store = try RunningStore.shared()
        try await store.withClient { observer in
            let client = try ZooKeeperClient(
                configuration: store.configuration(timeout: .seconds(30))
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await client.run() }
                try await client.create("/closing", mode: .ephemeral)
                let events = try await client.events(at: "/closing", scope: .node)
                let watch = try await client.watchData("/closing").watch
                await client.close()
                var iterator = events.makeAsyncIterator()
                while try await iterator.next() != nil {}
                // The deletion by the closing may be seen before the end.
                _ = try? await watch.event()
                #expect(try await failure { try await watch.event() }.code == .sessionClosed)
                try await group.waitForAll()
            }
            #expect(try await observer.exists("/closing") == nil)
            #expect(client.status.state == .closed)
            let late = try await failure { try await client.get("/closing") }
            #expect(late.code == .sessionClosed)
            #expect(late.outcome == .notDone)
            #expect(try await failure { try await client.run() }.code == .alreadyRunning)
        }
    }

    @Test func `cancelling the run closes the session`() async throws {
        let store = try RunningStore.shared()
        let client = try ZooKeeperClient(configuration: store.configuration(), logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            try await client.waitUntilConnected()
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(client.status.state == .closed)
    }

    @Test func `a server's restart suspends the session and does not end it`() async throws {
        let store = try RunningStore.shared()
        let server = store.ensemble.servers[0]
        try await store.withClient(timeout: .seconds(20)) { client in
            let session = try await sessionID(of: client)
            try await client.create("/restart", data: [0])
            try await client.create("/restart/alive", mode: .ephemeral)
            let watch = try await client.watchData("/restart").watch
            let events = try await client.events(at: "/restart", scope: .node)
            async let states = client.states().prefix { $0 != .closed }
                .reduce(into: []) { (seen: inout [SessionState], state) in
                    if seen.count < 3 { seen.append(state) }
                }
            await server.kill()
            try await eventually("the loss is noticed") { client.status.state == .suspended }
            #expect(client.status.lastFailure != nil)
            async let early = client.exists("/restart/alive")
            try await server.start()
            #expect(try await early?.ephemeralOwner == session)
            #expect(client.status.sessionID == session)
            try await client.set("/restart", data: [1], version: 0)
            #expect(try await watch.event().kind == .dataChanged)
            #expect(
                try await kinds(of: events, 2) == [.resynchronise, .dataChanged],
                "servers do not repeat what persistent watches missed"
            )
            await client.close()
            #expect(await states == [.connected, .suspended, .connected])
        }
    }

    @Test func `a lost reply is an unknown outcome`() async throws {
        let store = try RunningStore.shared()
        let server = store.ensemble.servers[0]
        try await Relay.with(target: server.settings.clientPort) { relay in
            var configuration = try ZooKeeperConfiguration("127.0.0.1:\(relay.port)")
            configuration.sessionTimeout = .seconds(2)
            try await ZooKeeperClient.withClient(configuration, logger: .quiet) { client in
                try await client.waitUntilConnected()
                relay.set(.swallowReplies)
                async let lost = failure { try await client.create("/lost") }
                try await store.withClient { observer in
                    try await eventually("the server has carried it out") {
                        try await observer.exists("/lost") != nil
                    }
                }
                let error = try await lost
                #expect(error.code == .connectionLost)
                #expect(error.outcome == .unknown)
                relay.set(.open)
                #expect(try await client.exists("/lost") != nil)
            }
        }
    }

    @Test func `a request that no server ever got is not done`() async throws {
        var configuration = try ZooKeeperConfiguration("127.0.0.1:\(FreePorts.take(1)[0])")
        configuration.requestWait = .milliseconds(300)
        try await ZooKeeperClient.withClient(configuration, logger: .quiet) { client in
            let error = try await failure { try await client.create("/never") }
            #expect(error.code == .notConnected)
            #expect(error.outcome == .notDone)
            #expect(error.description.contains("127.0.0.1"))
            #expect(client.status.state == .connecting)
        }
    }

    @Test func `a session that the server gave up ends with everything it has`() async throws {
        let store = try RunningStore.shared()
        let port = store.ensemble.servers[0].settings.clientPort
        try await Relay.with(target: port) { relay in
            var configuration = try ZooKeeperConfiguration("127.0.0.1:\(relay.port)")
            configuration.sessionTimeout = .seconds(1)
            let client = try ZooKeeperClient(configuration: configuration, logger: .quiet)
            try await store.withClient { observer in
                await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await client.run() }
                    await #expect(throws: Never.self) {
                        try await client.create("/mortal", mode: .ephemeral)
                        let watch = try await client.watchChildren(of: "/mortal").watch
                        let gone = try await observer.watchExistence("/mortal").watch
                        relay.set(.cut)
                        #expect(try await gone.event().kind == .deleted)
                        let deadline = try #require(client.status.deadline)
                        #expect(deadline <= .now, "the deadline is the safe side of the expiry")
                        relay.set(.open)
                        let error = try await failure { try await watch.event() }
                        #expect(error.code == .sessionExpired)
                        let late = try await failure { try await client.get("/") }
                        #expect(late.code == .sessionExpired)
                        #expect(late.outcome == .notDone)
                    }
                    await #expect(throws: ZooKeeperError.self) { try await group.next() }
                }
            }
            #expect(client.status.state == .expired)
        }
    }

    @Test func `a cancelled request ends at once and leaves nothing behind`() async throws {
        let store = try RunningStore.shared()
        let server = store.ensemble.servers[0]
        try await store.withClient(timeout: .seconds(20)) { client in
            try await client.create("/cancelled")
            await server.freeze()
            let error = await withTaskGroup(of: ZooKeeperError?.self) { group in
                group.addTask {
                    do throws(ZooKeeperError) {
                        _ = try await client.events(at: "/cancelled", scope: .node)
                        return nil
                    } catch {
                        return error
                    }
                }
                try? await Task.sleep(for: .milliseconds(50))
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(error?.code == .cancelled)
            await server.thaw()
            try await client.sync()
            #expect(try #require(await server.ask("wchp")).contains("/cancelled") == false)
        }
    }
}
