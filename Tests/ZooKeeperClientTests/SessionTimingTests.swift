import Testing

@testable import ZooKeeperClient

@Suite("A session's times")
struct SessionTimingTests {
    @Test func `a ping goes out after a third of the timeout without a word`() throws {
        var bench = Bench.connected()
        bench.advance(by: .milliseconds(2_999))
        #expect(bench.take().isEmpty)
        bench.advance(by: .milliseconds(1))
        #expect(try bench.take().frames == [SentFrame(xid: -2, code: 11, body: [])])
        bench.advance(by: .milliseconds(500))
        bench.reply(ReservedXid.ping)
        bench.submit(.delete(path: "/a", version: nil))
        bench.reply(1)
        bench.take()
        bench.advance(by: .milliseconds(2_999))
        #expect(bench.take().isEmpty, "the request was a word")
        bench.advance(by: .milliseconds(1))
        #expect(try bench.take().frames.map(\.xid) == [-2])
    }

    @Test func `a silent server is left after two thirds of the timeout`() {
        var bench = Bench.connected()
        bench.advance(by: .milliseconds(5_999))
        #expect(bench.machine.status.state == .connected)
        bench.take()
        bench.advance(by: .milliseconds(1))
        #expect(bench.machine.status.state == .suspended)
        #expect(bench.machine.lastFailure?.contains("silent") == true)
        #expect(bench.take().servers.count == 1)
    }

    @Test func `the deadline counts from the sending of what was answered`() {
        var bench = Bench()
        bench.advance(by: .seconds(1))
        bench.handle(.start)
        bench.open()
        let sent = bench.now
        bench.advance(by: .milliseconds(400))
        bench.welcome()
        #expect(bench.machine.status.deadline == sent.advanced(by: .seconds(9)))
        #expect(bench.machine.status.lastHeard == bench.now)

        bench.submit(.delete(path: "/a", version: nil))
        let asked = bench.now
        bench.advance(by: .milliseconds(700))
        #expect(bench.machine.status.deadline == sent.advanced(by: .seconds(9)))
        bench.notify(1, "/x")
        #expect(
            bench.machine.status.deadline == sent.advanced(by: .seconds(9)),
            "an event says nothing about what the server heard"
        )
        bench.reply(1, error: -101)
        #expect(bench.machine.status.deadline == asked.advanced(by: .seconds(9)))

        bench.advance(by: .milliseconds(2_300))
        let pinged = bench.now
        #expect(asked.duration(to: pinged) == .seconds(3))
        bench.advance(by: .seconds(1))
        bench.reply(ReservedXid.ping)
        #expect(bench.machine.status.deadline == pinged.advanced(by: .seconds(9)))
        bench.lose()
        #expect(bench.machine.status.deadline == pinged.advanced(by: .seconds(9)))
    }

    @Test func `an attempt to connect has its share of a third of the timeout`() {
        for (servers, seconds) in [(1, 10), (2, 5), (5, 2)] {
            var bench = Bench {
                $0.servers = (0..<servers).map { ServerAddress(host: "s\($0)") }
                $0.sessionTimeout = .seconds(30)
            }
            bench.handle(.start)
            let start = bench.now
            #expect(bench.machine.nextWake == start.advanced(by: .seconds(seconds)))
            bench.open()
            bench.advance(by: .seconds(seconds))
            #expect(bench.machine.lastFailure?.contains("in time") == true)
        }
        var short = Bench { $0.sessionTimeout = .milliseconds(900) }
        short.handle(.start)
        #expect(short.machine.nextWake == short.now.advanced(by: .milliseconds(300)))
        var explicit = Bench { $0.connectTimeout = .milliseconds(50) }
        explicit.handle(.start)
        #expect(explicit.machine.nextWake == explicit.now.advanced(by: .milliseconds(50)))
    }

    @Test func `a session that stood for a while is taken elsewhere without a pause`() {
        var bench = Bench { $0.servers = [ServerAddress(host: "only")] }
        bench.handle(.start)
        bench.open()
        bench.welcome()
        bench.advance(by: .seconds(1))
        bench.lose()
        #expect(bench.machine.phase == .opening)
    }
}
