import NIOCore
import NIOPosix
import Synchronization

/// What lies between two hosts, and damages what passes.
enum Relay {
    enum Damage: Sendable {
        /// One byte of what the server says on a connection is another.
        case flip(at: Int)
        /// The connection breaks after this many bytes of the server's, so often.
        case cut(after: Int, times: Int)
        /// A connection breaks after this many bytes of the server's, and so does every later one at
        /// its first.
        case gone(after: Int)
    }

    /// How often a connection was broken.
    private final class Cuts: Sendable {
        private let count = Mutex(0)

        var any: Bool { count.withLock { $0 > 0 } }

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    /// Runs `body` with the port of a relay to `port`.
    static func with(
        to port: Int,
        _ damage: Damage,
        _ body: @Sendable @escaping (Int) async throws -> Void
    ) async throws {
        let cuts = Cuts()
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.executeThenClose { connections in
                    await withDiscardingTaskGroup { group in
                        do {
                            for try await near in connections {
                                group.addTask {
                                    // A broken connection is what is wanted.
                                    try? await pass(near, port, damage, cuts)
                                }
                            }
                        } catch {}
                    }
                }
            }
            group.addTask { try await body(server.channel.localAddress?.port ?? 0) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static func pass(
        _ near: NIOAsyncChannel<ByteBuffer, ByteBuffer>,
        _ port: Int,
        _ damage: Damage,
        _ cuts: Cuts
    ) async throws {
        let far = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        try await near.executeThenClose { fromClient, toClient in
            try await far.executeThenClose { fromServer, toServer in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for try await bytes in fromClient { try await toServer.write(bytes) }
                    }
                    var passed = 0
                    for try await var bytes in fromServer {
                        let count = bytes.readableBytes
                        switch damage {
                        case .flip(let offset):
                            if (passed..<passed + count).contains(offset) {
                                let index = bytes.readerIndex + offset - passed
                                let old: UInt8 = bytes.getInteger(at: index) ?? 0
                                bytes.setInteger(old ^ 0x10, at: index)
                            }
                        case .cut(let limit, let times):
                            if passed + count > limit {
                                if cuts.next() <= times {
                                    try await near.channel.close()
                                    group.cancelAll()
                                    return
                                }
                            }
                        case .gone(let limit):
                            if cuts.any || passed + count > limit {
                                _ = cuts.next()
                                try await near.channel.close()
                                group.cancelAll()
                                return
                            }
                        }
                        passed += count
                        try await toClient.write(bytes)
                    }
                    group.cancelAll()
                }
            }
        }
    }
}
