import Glibc
import ManateeCore
import NIOCore
import NIOPosix

/// Asks a postgres whether it speaks TLS: a live one answers with one letter, at once and without a word
/// in its log; of a frozen one only the host accepts the connection.
final class PostgresKnockHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// The length of the message, and the number that stands for the question.
    private static let question: [UInt8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F]

    private let tell: (Knock) -> Void

    init(_ tell: @escaping (Knock) -> Void) {
        self.tell = tell
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: Self.question)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        tell(.answered)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        tell(.silent)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// What the failure of a connection attempt tells.
enum ConnectionTrouble {
    /// Refused if the host said so; anything else tells nothing.
    static func knock(_ error: any Error) -> Knock {
        switch error {
        case let error as IOError:
            return error.errnoCode == ECONNREFUSED ? .refused : .silent
        case let error as NIOConnectionError:
            let errors = error.connectionErrors.map(\.error)
            let areRefused = errors.allSatisfy { ($0 as? IOError)?.errnoCode == ECONNREFUSED }
            return areRefused && !errors.isEmpty ? .refused : .silent
        default:
            return .silent
        }
    }
}
