import Logging
import ManateeCore
import ManateePorts
import ManateeSitter
import Synchronization
import Testing

/// What a watch was given and what came of it.
private final class WatchedPeer: ConfigurationSource, ConfigurationMemory, ParameterControl {
    struct Seen {
        var parameters: [[String: String]] = []
        var detections: [FailureDetection] = []
        var saved: [ClusterConfiguration] = []
        var refusal: String?
    }

    let configurations = AsyncStream<ConfigurationReading> { _ in }
    let seen = Mutex(Seen())

    func load() async throws(EffectFailure) -> ClusterConfiguration? { nil }

    func save(_ configuration: ClusterConfiguration) async throws(EffectFailure) {
        seen.withLock { $0.saved.append(configuration) }
    }

    func adopt(_ parameters: [String: String]) async throws(PostgresFailure) {
        if let refusal = seen.withLock({ $0.refusal }) { throw PostgresFailure(.other, refusal) }
        seen.withLock { $0.parameters.append(parameters) }
    }

    func watch(
        _ remembered: ClusterConfiguration = ClusterConfiguration(),
        own: FailureDetection = FailureDetection()
    ) -> ConfigurationWatch {
        ConfigurationWatch(
            source: self,
            memory: self,
            remembered: remembered,
            postgres: self,
            ownDetection: own,
            adoptDetection: { detection in self.seen.withLock { $0.detections.append(detection) } },
            postgresStatus: {
                var status = PostgresStatus()
                status.pendingRestart = ["max_connections"]
                return status
            },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }
}

@Suite("A watch over the shard's configuration")
struct ConfigurationWatchTests {
    private let second = ClusterConfiguration(
        version: 2,
        parameters: ["work_mem": "64MB"],
        detection: DetectionOverride(profile: .fast)
    )

    @Test func `hands a new one on, and remembers it`() async {
        let peer = WatchedPeer()
        let watch = peer.watch()
        await watch.hear(.readable(second))
        #expect(
            await watch.status()
                == ConfigurationStatus(
                    version: 2,
                    pendingRestart: ["max_connections"],
                    detection: second.detection.applied(to: FailureDetection())
                )
        )
        let seen = peer.seen.withLock { ($0.parameters, $0.detections, $0.saved) }
        #expect(seen.0 == [["work_mem": "64MB"]])
        #expect(seen.1.map(\.silence) == [.seconds(1)])
        #expect(seen.2 == [second])
    }

    @Test func `does nothing about what is in force already`() async {
        let peer = WatchedPeer()
        let watch = peer.watch(second)
        await watch.hear(.readable(second))
        #expect(peer.seen.withLock { $0.parameters.isEmpty && $0.detections.isEmpty })
    }

    @Test(arguments: [
        ConfigurationReading.absent(path: "/manatee/1/config"),
        .unreadable(path: "/manatee/1/config", "the document is not JSON"),
    ])
    func `keeps the last good one`(word: ConfigurationReading) async throws {
        let peer = WatchedPeer()
        let watch = peer.watch(second)
        await watch.hear(word)
        let status = await watch.status()
        #expect(status.version == 2)
        #expect(try #require(status.problem).hasPrefix("/manatee/1/config"))
        #expect(peer.seen.withLock { $0.parameters.isEmpty && $0.saved.isEmpty })
        await watch.hear(.readable(second))
        #expect(await watch.status().problem == nil)
    }

    @Test func `has nothing to say where there never was one`() async {
        let watch = WatchedPeer().watch()
        await watch.hear(.absent(path: "/manatee/1/config"))
        #expect(await watch.status().problem == nil)
    }

    @Test func `keeps the last good one if postgres refuses the new one`() async throws {
        let peer = WatchedPeer()
        peer.seen.withLock { $0.refusal = "invalid value" }
        let watch = peer.watch()
        await watch.hear(.readable(second))
        let status = await watch.status()
        #expect(status.version == 0)
        #expect(try #require(status.problem).contains("invalid value"))
        #expect(peer.seen.withLock { $0.detections.isEmpty && $0.saved.isEmpty })
    }

    @Test func `refuses limits that the peer's own beats cannot keep`() async throws {
        let peer = WatchedPeer()
        let watch = peer.watch(own: FailureDetection(.conservative))
        await watch.hear(.readable(second))
        #expect(try #require(await watch.status().problem).contains("four times beatInterval"))
        #expect(peer.seen.withLock { $0.parameters.isEmpty })
    }
}
