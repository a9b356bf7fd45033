import ManateeAdmin
import ManateeCore
import ManateePorts
import Synchronization
import Testing

@Suite("Watching")
struct WatchingTests {
    /// An example that ends after so many rounds.
    private func example(_ cluster: ExampleCluster, rounds: Int) -> Example {
        var example = Example(cluster)
        let seen = Mutex(0)
        example.pause = { _ in
            let round = seen.withLock { seen -> Int in
                seen += 1
                return seen
            }
            if round == rounds { throw CancellationError() }
        }
        return example
    }

    @Test func `events follows what others write, and tells each event once`() async throws {
        let cluster = try #require(ExampleCluster.named("normalOk"))
        let example = example(cluster, rounds: 3)
        example.shard.content.withLock { $0.trouble = .restless }
        let lines = await example.run(["events", "--follow", "-o", "json"]).standardOutput
            .split(separator: "\n")
        #expect(lines.count == 4)
        #expect(Set(lines).count == 4)
    }

    @Test func `events prints nothing while nothing happens`() async throws {
        let cluster = try #require(ExampleCluster.named("normalOk"))
        let result = await example(cluster, rounds: 5).run(["events", "-f", "-n", "0"])
        #expect(result.standardOutput.isEmpty && result.standardError.isEmpty)
    }

    @Test func `events says once that the store is away, and goes on`() async throws {
        let cluster = try #require(ExampleCluster.named("normalOk"))
        let example = example(cluster, rounds: 5)
        example.shard.content.withLock { $0.trouble = .unreachable }
        let result = await example.run(["events", "--follow"])
        #expect(result.standardError.split(separator: "\n").count == 1)
    }

    @Test func `top tells rates from the second look on`() async throws {
        var example = example(try #require(ExampleCluster.named("singletonOk")), rounds: 2)
        example.probe = Writer()
        let rounds = await example.run(["top", "4", "-o", "json"]).standardOutput
            .split(separator: "\n")
        #expect(rounds.count == 2)
        #expect(rounds.first?.contains("\"bytesPerSecond\":null") == true)
        #expect(rounds.last?.contains("\"bytesPerSecond\":1024") == true)
    }

    @Test func `top draws anew on a terminal only`() async throws {
        let cluster = try #require(ExampleCluster.named("normalOk"))
        for isTerminal in [true, false] {
            let output = Recording(isTerminal: isTerminal)
            _ = await example(cluster, rounds: 2).run(["top"], output)
            let text = output.channels.withLock { $0.standardOutput }
            #expect(text.contains("\u{1B}[2J") == isTerminal)
        }
    }
}

/// A primary that writes 4 KiB between two looks.
private actor Writer: PostgresProbe {
    private var end = LSN(0x1000)

    func probe(_ peer: Peer, within limit: Duration) async -> PostgresSighting {
        end = LSN(end.bytes + 4096)
        return .answered(PostgresReport(log: end, timeline: TimelineID(1)))
    }
}
