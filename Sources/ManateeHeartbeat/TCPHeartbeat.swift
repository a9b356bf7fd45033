import Glibc
package import Logging
package import ManateeCore
package import ManateePorts
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Beats over plain TCP: each peer serves a stream of lines, and subscribes to those of the others.
///
/// A peer pulls the beats of those that it watches, from the addresses that the store names; nobody can
/// push any. Everything happens on one event loop, so the calls take effect in their order.
package final class TCPHeartbeat: Heartbeat {
    /// What is seen of the watched peers; one consumer.
    package let events: AsyncStream<HeartbeatEvent>

    private let settings: HeartbeatSettings
    private let logger: Logger
    private let loop: any EventLoop
    private let speaker: NIOLoopBoundBox<Speaker>
    private let ears: NIOLoopBoundBox<Ears>
    private let onListening: @Sendable (Int) -> Void

    /// A heartbeat that is silent and deaf until `run`.
    ///
    /// - Parameters:
    ///   - settings: who speaks, where and how often.
    ///   - logger: is told of beats that cannot be understood.
    ///   - onListening: is told the port once connections are accepted.
    package init(
        _ settings: HeartbeatSettings,
        logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.settings = settings
        self.logger = logger
        self.onListening = onListening
        loop = MultiThreadedEventLoopGroup.singleton.next()
        let sink: AsyncStream<HeartbeatEvent>.Continuation
        (events, sink) = AsyncStream.makeStream()
        let (loop, detection) = (loop, settings.detection)
        speaker = .makeBoxSendingValue(Speaker(settings.peer), eventLoop: loop)
        ears = .makeBoxSendingValue(
            Ears(detection, loop: loop, logger: logger) { sink.yield($0) },
            eventLoop: loop
        )
    }

    /// Watches these peers from now on, and nobody else.
    package func watch(_ peers: [Peer]) {
        loop.execute { [ears] in ears.value.watch(peers) }
    }

    /// Says this from now on.
    package func speak(_ word: PeerWord) {
        loop.execute { [speaker] in speaker.value.speak(word) }
    }

    /// How each watched peer is heard now, in order of their names.
    package func hearing() async -> [PeerHearing] {
        // The loop is one that lasts as long as the process.
        (try? await loop.submit { [ears] in ears.value.hearing }.get()) ?? []
    }

    /// Beats and listens until graceful shutdown or cancellation.
    ///
    /// - Throws: `HeartbeatFailure` if it cannot listen.
    package func run() async throws {
        let server = try await listen()
        let beating = loop.scheduleRepeatedTask(
            initialDelay: .zero,
            delay: TimeAmount(rounding: settings.detection.beatInterval)
        ) { [speaker] _ in speaker.value.beat() }
        let looking = loop.scheduleRepeatedTask(
            initialDelay: .zero,
            delay: TimeAmount(rounding: settings.detection.knockInterval)
        ) { [ears] _ in ears.value.look() }
        await cancelWhenGracefulShutdown {
            // Nothing to wait for but the end: sleeping ends only by cancellation.
            while (try? await Task.sleep(for: .seconds(3600))) != nil {}
        }
        beating.cancel()
        looking.cancel()
        try await loop.submit { [ears, speaker] in
            ears.value.watch([])
            speaker.value.close()
        }.get()
        try await server.close()
    }

    private func listen() async throws -> any Channel {
        let place = "port \(settings.port) of \(settings.listenAddress)"
        do {
            let server = try await ServerBootstrap(group: loop)
                .serverChannelOption(.backlog, value: 64)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { [speaker] channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            ListenerHandler(speaker.value)
                        )
                    }
                }
                .bind(host: settings.listenAddress, port: settings.port).get()
            let port = server.localAddress?.port ?? settings.port
            logger.info(
                "heartbeat listens",
                metadata: [
                    "heartbeat.address": "\(settings.listenAddress)",
                    "heartbeat.port": .stringConvertible(port),
                ]
            )
            onListening(port)
            return server
        } catch let error as IOError {
            throw HeartbeatFailure(
                place: place,
                isTaken: error.errnoCode == EADDRINUSE,
                reason: "\(error)"
            )
        }
    }
}
