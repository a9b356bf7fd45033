import Testing

@testable import ZooKeeperClient

@Suite("A session's requests")
struct SessionRequestTests {
    @Test func `wait for the connection and go out in order`() throws {
        var bench = Bench()
        let first = bench.submit(.delete(path: "/a", version: nil))
        bench.handle(.start)
        let second = bench.submit(.sync(path: "/"))
        bench.open()
        bench.take()
        bench.welcome()
        #expect(
            try bench.take().frames.map { [$0.xid, $0.code] } == [[1, 2], [2, 9]]
        )
        bench.reply(1)
        bench.reply(2) { $0.write("/") }
        #expect(bench.take().completions == [first: .success(.done), second: .success(.done)])
        #expect(bench.machine.requestCount == 0)
        #expect(bench.machine.requestBytes == 0)
    }

    @Test func `that were never sent fail as not done when nobody takes them in time`() {
        var bench = Bench { $0.requestWait = .seconds(2) }
        bench.handle(.start)
        let early = bench.submit(.delete(path: "/a", version: nil))
        bench.lose("refused")
        bench.advance(by: .seconds(1))
        let late = bench.submit(.delete(path: "/b", version: nil))
        bench.advance(by: .milliseconds(999))
        #expect(bench.take().completions.isEmpty)
        bench.advance(by: .milliseconds(1))
        let failure = bench.take().failure(of: early)
        #expect(failure?.code == .notConnected)
        #expect(failure?.outcome == .notDone)
        #expect(failure?.detail != nil, "the reason why there is no connection")
        bench.advance(by: .seconds(1))
        #expect(bench.take().failure(of: late)?.code == .notConnected)
        #expect(bench.machine.requestBytes == 0)
    }

    @Test func `that were sent have an unknown outcome when the connection is lost`() {
        var bench = Bench.connected()
        let sent = bench.submit(.delete(path: "/a", version: 3))
        let read = bench.submit(.getData(path: "/a", watch: nil))
        bench.take()
        bench.lose("reset")
        let actions = bench.take()
        for id in [sent, read] {
            let failure = actions.failure(of: id)
            #expect(failure?.code == .connectionLost)
            #expect(failure?.outcome == .unknown)
            #expect(failure?.path == "/a")
            #expect(failure?.detail == "reset")
        }
        #expect(bench.machine.requestCount == 0)
    }

    @Test func `are refused beyond the bounds, without harm to the others`() {
        var bench = Bench {
            $0.maximumRequests = 2
            $0.maximumRequestBytes = 150
            $0.maximumFrameLength = 100
        }
        let fits = Request.setData(path: "/a", data: .init(repeating: 0, count: 80), version: 1)
        let tooLong = Request.setData(path: "/a", data: .init(repeating: 0, count: 81), version: 1)
        #expect(
            fits.encodedBody(chroot: Chroot("/"), setsWatch: false).count == 94,
            "with a header of 8 bytes this is 102"
        )
        let frameFits = Request.setData(
            path: "/a",
            data: .init(repeating: 0, count: 78),
            version: 1
        )
        let large = bench.submit(tooLong)
        #expect(bench.take().failure(of: large)?.code == .requestTooLarge)
        let first = bench.submit(frameFits)
        #expect(bench.take().isEmpty)
        let bytes = bench.submit(frameFits)
        #expect(bench.take().failure(of: bytes)?.code == .tooManyRequests)
        let second = bench.submit(.sync(path: "/"))
        let third = bench.submit(.sync(path: "/"))
        let actions = bench.take()
        #expect(actions.failure(of: third)?.code == .tooManyRequests)
        #expect(actions.failure(of: third)?.outcome == .notDone)
        bench.handle(.start)
        bench.open()
        bench.welcome()
        bench.reply(1) { $0.writeStat() }
        bench.reply(2) { $0.write("/") }
        #expect(Set(bench.take().completions.keys) == [first, second])
    }

    @Test func `an error says what was asked, and the session goes on`() {
        var bench = Bench.connected()
        let id = bench.submit(.delete(path: "/a", version: 3))
        bench.reply(1, error: -103)
        let failure = bench.take().failure(of: id)
        #expect(failure?.code == .badVersion)
        #expect(failure?.operation == "delete")
        #expect(failure?.outcome == .notDone)
        let unknown = bench.submit(.delete(path: "/a", version: 3))
        bench.reply(2, error: -999)
        #expect(bench.take().failure(of: unknown)?.code.serverCode == -999)
        let missing = bench.submit(.exists(path: "/a", watch: nil))
        bench.reply(3, error: -101)
        #expect(bench.take().completions[missing] == .success(.existence(nil)))
        #expect(bench.machine.status.state == .connected)
    }

    @Test func `an error that leaves the outcome open says so`() {
        var bench = Bench.connected()
        for (index, code) in [Int32(-1), -4, -7].enumerated() {
            let id = bench.submit(.delete(path: "/a", version: 3))
            bench.reply(Int32(index + 1), error: code)
            #expect(bench.take().failure(of: id)?.outcome == .unknown)
        }
    }

    @Test func `a reply to something else ends the connection`() {
        for xid in [Int32(2), 99, 0, -8, -3] {
            var bench = Bench.connected()
            let id = bench.submit(.delete(path: "/a", version: nil))
            bench.take()
            bench.reply(xid)
            let actions = bench.take()
            #expect(actions.failure(of: id)?.code == .malformedReply)
            #expect(actions.failure(of: id)?.outcome == .unknown)
            #expect(bench.machine.status.state == .suspended)
        }
    }

    @Test func `a reply that cannot be read fails its request only for sure, others as lost`() {
        var bench = Bench.connected()
        let broken = bench.submit(.getData(path: "/a", watch: nil))
        let next = bench.submit(.getData(path: "/b", watch: nil))
        bench.take()
        bench.reply(1) { $0.write(Int32.max) }
        let actions = bench.take()
        #expect(actions.failure(of: broken)?.code == .malformedReply)
        #expect(actions.failure(of: next)?.code == .connectionLost)
        #expect(bench.machine.status.state == .suspended)
    }

    @Test func `a reply beyond the limit ends the connection before it is read`() {
        var bench = Bench.connected { $0.maximumFrameLength = 1_000 }
        let id = bench.submit(.getChildren(path: "/a", watch: nil))
        bench.take()
        bench.handle(.received(bench.connection, [0, 0, 0x10, 0]))
        #expect(bench.take().failure(of: id)?.code == .replyTooLarge)
        #expect(bench.machine.status.state == .suspended)
    }

    @Test func `cancelled before they were sent are not done, after that nobody knows`() throws {
        var bench = Bench()
        let queued = bench.submit(.delete(path: "/a", version: nil))
        bench.handle(.cancel(queued))
        let failure = bench.take().failure(of: queued)
        #expect(failure?.code == .cancelled)
        #expect(failure?.outcome == .notDone)
        bench.handle(.start)
        bench.open()
        bench.take()
        bench.welcome()
        #expect(try bench.take().frames.isEmpty)
        let sent = bench.submit(.delete(path: "/a", version: nil))
        let other = bench.submit(.delete(path: "/b", version: nil))
        bench.take()
        bench.handle(.cancel(sent))
        #expect(bench.take().failure(of: sent)?.outcome == .unknown)
        #expect(bench.machine.requestCount == 2, "its reply is still to come")
        bench.reply(1)
        #expect(bench.take().completions.isEmpty)
        bench.reply(2)
        #expect(bench.take().completions[other] == .success(.done))
        #expect(bench.machine.requestCount == 0)
        bench.handle(.cancel(sent))
        #expect(bench.take().isEmpty)
    }

    @Test func `never use a negative number, however many there are`() {
        var link = Link(
            id: ConnectionID(number: 1),
            server: ServerAddress(host: "a"),
            limit: 10,
            nextXid: .max,
            at: .origin
        )
        #expect(link.takeXid() == .max)
        #expect(link.takeXid() == 1)
    }
}
