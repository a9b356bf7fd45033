import Testing

@testable import ZooKeeperClient

@Suite("A session that connects")
struct SessionConnectTests {
    @Test func `asks for a new session and takes what the server grants`() throws {
        var bench = Bench()
        #expect(bench.machine.status.state == .connecting)
        bench.handle(.start)
        #expect(bench.take().servers.count == 1)
        bench.open()
        guard case .send(_, let bytes) = try #require(bench.take().first) else {
            Issue.record("nothing was sent")
            return
        }
        var reader = JuteReader(bytes)
        _ = try reader.readInt32()
        _ = try reader.readInt32()
        #expect(try reader.readInt64() == 0, "nothing seen yet")
        #expect(try reader.readInt32() == 9_000)
        #expect(try reader.readInt64() == 0, "a new session")
        #expect(try reader.readBuffer().count == 16)
        #expect(try reader.readBool() == false, "no read-only server")
        #expect(reader.remaining == 0)

        bench.welcome(session: 0x77, timeout: 6_000)
        let status = bench.machine.status
        #expect(status.state == .connected)
        #expect(status.identity?.id == SessionID(0x77))
        #expect(status.identity?.timeout == .seconds(6))
    }

    @Test func `takes its session to another server`() throws {
        var bench = Bench.connected()
        bench.submit(.delete(path: "/a", version: nil))
        bench.reply(1, zxid: 42)
        let first = try #require(bench.machine.link?.server)
        bench.take()
        bench.lose()
        #expect(bench.machine.status.state == .suspended)
        #expect(try #require(bench.take().servers.first) != first)
        bench.open()
        guard case .send(_, let bytes) = try #require(bench.take().first) else {
            Issue.record("nothing was sent")
            return
        }
        var reader = JuteReader(bytes)
        _ = try reader.readInt64()
        #expect(try reader.readInt64() == 42, "the last transaction that was seen")
        _ = try reader.readInt32()
        #expect(try reader.readInt64() == 0x77)
        #expect(try reader.readBuffer() == [UInt8](repeating: 5, count: 16))
        bench.welcome()
        #expect(bench.machine.status.state == .connected)
    }

    @Test func `ends when a server says that it has expired`() throws {
        var bench = Bench.connected()
        bench.submit(.getData(path: "/a", watch: watch(1)))
        bench.reply(1) {
            $0.write([UInt8]())
            $0.writeStat()
        }
        bench.lose()
        let waiting = bench.submit(.delete(path: "/a", version: nil))
        bench.open()
        bench.take()
        bench.welcome(session: 0, timeout: 0)
        let actions = bench.take()
        #expect(bench.machine.status.state == .expired)
        #expect(actions.failure(of: waiting)?.code == .sessionExpired)
        #expect(actions.failure(of: waiting)?.outcome == .notDone)
        #expect(
            actions.contains(.finish(watch(1), ZooKeeperError(code: .sessionExpired)))
        )
        #expect(actions.last == .end(ZooKeeperError(code: .sessionExpired)))
        #expect(bench.machine.nextWake == nil)
        let late = bench.submit(.delete(path: "/a", version: nil))
        #expect(bench.take().failure(of: late)?.code == .sessionExpired)
    }

    @Test func `leaves a read-only server, and one that answers for another session`() {
        var bench = Bench()
        bench.handle(.start)
        bench.open()
        bench.welcome(isReadOnly: true)
        #expect(bench.machine.status.state == .connecting)
        #expect(bench.machine.status.identity == nil)
        #expect(bench.machine.lastFailure?.contains("read-only") == true)

        bench = .connected()
        bench.lose()
        bench.open()
        bench.welcome(session: 0x99)
        #expect(bench.machine.status.state == .suspended)
        #expect(bench.machine.status.identity?.id == SessionID(0x77))
    }

    @Test func `tries all servers, then pauses longer and longer`() {
        var bench = Bench()
        bench.handle(.start)
        var pauses: [Duration] = []
        for _ in 0..<8 {
            var servers = Set(bench.take().servers)
            for _ in 0..<3 {
                let before = bench.now
                bench.lose("refused")
                if let wake = bench.machine.nextWake, case .pausing = bench.machine.phase {
                    pauses.append(before.duration(to: wake))
                    bench.advance(by: before.duration(to: wake))
                } else {
                    servers.formUnion(bench.take().servers)
                }
            }
            #expect(servers.count == 3)
        }
        #expect(pauses.count == 8)
        for (pause, most) in zip(pauses, [100, 200, 400, 800, 1_000, 1_000, 1_000, 1_000]) {
            #expect(pause <= .milliseconds(most))
            #expect(pause >= .milliseconds(most) / 2)
        }
    }

    @Test func `does not spin on a server that welcomes and leaves at once`() {
        var bench = Bench { $0.servers = [ServerAddress(host: "only")] }
        bench.handle(.start)
        for _ in 0..<10 {
            if case .pausing = bench.machine.phase {
                bench.advance(by: .seconds(1))
            }
            bench.open()
            bench.welcome()
            bench.lose()
            guard case .pausing = bench.machine.phase else {
                Issue.record("connects again without a pause: \(bench.machine.phase)")
                return
            }
        }
    }

    @Test func `shows its credentials to each server before anything else`() throws {
        var bench = Bench {
            $0.authentication = [
                .digest(user: "a", password: "1"), .digest(user: "b", password: "2"),
            ]
        }
        let id = bench.submit(.delete(path: "/a", version: nil))
        bench.handle(.start)
        for round in 0..<2 {
            bench.open()
            bench.take()
            bench.welcome()
            let frames = try bench.take().frames
            #expect(frames.map(\.xid) == [-4, -4])
            #expect(frames.map(\.code) == [100, 100])
            #expect(bench.machine.status.state == (round == 0 ? .connecting : .suspended))
            bench.reply(ReservedXid.auth)
            #expect(try bench.take().frames.isEmpty)
            bench.reply(ReservedXid.auth)
            #expect(bench.machine.status.state == .connected)
            if round == 0 {
                #expect(try bench.take().frames.map(\.code) == [2])
                bench.reply(1)
                #expect(bench.take().completions[id] == .success(.done))
            }
            bench.lose()
        }
    }

    @Test func `ends when a server refuses its credentials, and nothing was done`() {
        var bench = Bench { $0.authentication = [.digest(user: "a", password: "1")] }
        let id = bench.submit(.delete(path: "/a", version: nil))
        bench.handle(.start)
        bench.open()
        bench.welcome()
        bench.reply(ReservedXid.auth, error: -115)
        #expect(bench.machine.status.state == .authenticationFailed)
        let error = bench.take().failure(of: id)
        #expect(error?.code == .authenticationFailed)
        #expect(error?.outcome == .notDone)
    }

    @Test func `hears nothing of connections that it has left`() {
        var bench = Bench.connected()
        let old = bench.connection
        bench.lose()
        bench.open()
        bench.welcome()
        bench.take()
        let id = bench.submit(.delete(path: "/a", version: nil))
        bench.take()
        bench.handle(
            .received(old, JuteWriter.frame([0, 0, 0, 1] + [UInt8](repeating: 0, count: 12)))
        )
        bench.handle(.ended(old, reason: "late"))
        #expect(bench.take().isEmpty)
        bench.handle(.opened(old))
        #expect(bench.take() == [.disconnect(old)])
        bench.reply(1)
        #expect(bench.take().completions[id] == .success(.done))
    }

    @Test func `closes in order: answers first, then the session`() throws {
        var bench = Bench.connected()
        let id = bench.submit(.delete(path: "/a", version: nil))
        bench.take()
        bench.handle(.close)
        #expect(try bench.take().frames.map(\.code) == [-11])
        let late = bench.submit(.delete(path: "/b", version: nil))
        #expect(bench.take().failure(of: late)?.code == .sessionClosed)
        bench.reply(1)
        #expect(bench.take().completions[id] == .success(.done))
        bench.reply(2)
        #expect(bench.take().last == .end(nil))
        #expect(bench.machine.status.state == .closed)
    }

    @Test func `closes without a server's help if there is none`() {
        for prepare in [
            { (_: inout Bench) in }, { $0.handle(.start) },
            {
                $0.handle(.start)
                $0.open()
            },
        ] {
            var bench = Bench()
            prepare(&bench)
            bench.handle(.close)
            #expect(bench.take().last == .end(nil))
            bench.handle(.start)
            #expect(bench.take().isEmpty)
        }
        var silent = Bench.connected()
        silent.handle(.close)
        silent.advance(by: .seconds(3))
        #expect(silent.take().last == .end(nil))
    }
}
