import NIOCore
import NIOPosix

/// One `GET /state`.
enum StatusRequest {
    /// The most that is read of an answer, in bytes: a state is less than half of it.
    private static let limit = 1 << 20

    /// The whole response; nil if there is none in time.
    static func send(host: String, port: Int, within limit: Duration) async -> [UInt8]? {
        do {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(TimeAmount(limit))
                .connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                            wrappingChannelSynchronously: channel
                        )
                    }
                }
            let timeout = channel.channel.eventLoop.scheduleTask(in: TimeAmount(limit)) {
                channel.channel.close(promise: nil)
            }
            defer { timeout.cancel() }
            return try await channel.executeThenClose { input, output in
                let request =
                    "GET /state HTTP/1.1\r\nHost: \(host):\(port)\r\nConnection: close\r\n\r\n"
                try await output.write(ByteBuffer(string: request))
                var response: [UInt8] = []
                for try await piece in input {
                    response += piece.readableBytesView
                    guard response.count <= Self.limit else { return nil }
                }
                return response
            }
        } catch {
            // A sitter that does not answer is what is reported.
            return nil
        }
    }
}
