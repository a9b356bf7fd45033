import Testing

@testable import ZooKeeperClient

@Suite("A session that is fed garbage")
struct SessionGarbageTests {
    @Test(arguments: 0..<400)
    func `neither crashes nor forgets a request`(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var bench = Bench {
            $0.seed = seed
            $0.maximumFrameLength = 2_000
            $0.maximumRequests = 20
            if seed % 3 == 0 {
                $0.authentication = [.digest(user: "u", password: "p")]
            }
        }
        var submitted: Set<RequestID> = []
        var answered: Set<RequestID> = []
        bench.handle(.start)
        for step in 0..<300 {
            switch Int.random(in: 0..<12, using: &random) {
            case 0: bench.open()
            case 1: bench.welcome(isReadOnly: Int.random(in: 0..<5, using: &random) == 0)
            case 2: bench.lose()
            case 3: bench.advance(by: .milliseconds(Int.random(in: 1...4_000, using: &random)))
            case 4...6: submitted.insert(bench.submit(request(UInt64(step), &random)))
            case 7: bench.handle(.unwatch(watch(UInt64.random(in: 0..<300, using: &random))))
            case 8:
                bench.handle(.cancel(submitted.randomElement(using: &random) ?? .init(number: 0)))
            case 9: bench.handle(.received(bench.connection, noise(&random)))
            case _: bench.receive(plausibleFrame(bench, &random))
            }
            note(bench.take(), in: &answered)
            #expect(bench.machine.requestCount <= 20)
            if let wake = bench.machine.nextWake {
                #expect(wake > bench.now.advanced(by: .seconds(-10)))
            }
        }
        bench.handle(.close)
        bench.advance(by: .seconds(60))
        note(bench.take(), in: &answered)
        #expect(answered == submitted)
        #expect(bench.machine.requestCount == 0)
        #expect(bench.machine.requestBytes == 0)
        #expect(bench.machine.registry.count == 0)
        #expect(bench.machine.nextWake == nil)
    }

    private func note(_ actions: [SessionAction], in answered: inout Set<RequestID>) {
        for case .complete(let id, _) in actions {
            #expect(answered.insert(id).inserted, "\(id) was answered twice")
        }
    }

    private func request(_ number: UInt64, _ random: inout SplitMix) -> Request {
        let path = ["/", "/a", "/a/b", "bad", "/c"].randomElement(using: &random) ?? "/"
        let watch = Bool.random(using: &random) ? watch(number) : nil
        return switch Int.random(in: 0..<7, using: &random) {
        case 0: .getData(path: path, watch: watch)
        case 1: .exists(path: path, watch: watch)
        case 2: .getChildren(path: path, watch: watch)
        case 3: .delete(path: path, version: nil)
        case 4: .multi([.delete(path, version: 0), .check(path, version: 1)])
        case 5:
            .addWatch(
                path: path,
                scope: Bool.random(using: &random) ? .node : .subtree,
                watch: WatchID(number: number)
            )
        case _: .setData(path: path, data: [1, 2, 3], version: 0)
        }
    }

    /// Bytes without any form.
    private func noise(_ random: inout SplitMix) -> [UInt8] {
        (0..<Int.random(in: 0...64, using: &random)).map { _ in
            // Mostly small numbers, which look like lengths.
            Bool.random(using: &random) ? 0 : UInt8.random(in: 0...255, using: &random)
        }
    }

    /// A frame whose header may be right, and whose body seldom is.
    private func plausibleFrame(_ bench: Bench, _ random: inout SplitMix) -> [UInt8] {
        var writer = JuteWriter()
        let next = bench.machine.link?.pending.first?.xid ?? 1
        writer.write(
            [next, next, next, next + 1, -1, -2, -4, -8].randomElement(using: &random) ?? 0
        )
        writer.write(Int64.random(in: -2...100, using: &random))
        writer.write([Int32(0), 0, 0, -101, -103, 7].randomElement(using: &random) ?? 0)
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            writer.writeStat()
        case 1:
            writer.write([UInt8]([1, 2, 3]))
            writer.writeStat()
        case 2:
            writer.write(["a", "b"])
            writer.writeStat()
        case 3:
            writer.write(Int32.random(in: -1...5, using: &random))
            writer.write(Int32(3))
            writer.write("/a")
        case 4:
            break
        case _:
            return writer.bytes + noise(&random)
        }
        return writer.bytes
    }
}
