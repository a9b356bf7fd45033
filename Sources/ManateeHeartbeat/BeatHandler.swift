import ManateeCore
import ManateeWire
import NIOCore

/// Cuts what a peer says into lines.
final class BeatHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let ear: Ear
    private var rest = ByteBuffer()

    init(_ ear: Ear) {
        self.ear = ear
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        rest.writeBuffer(&bytes)
        while let end = rest.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
            let length = end - rest.readerIndex
            let line = rest.readBytes(length: length) ?? []
            rest.moveReaderIndex(forwardBy: 1)
            ear.heard(line, over: context.channel)
        }
        rest.discardReadBytes()
        if rest.readableBytes > BeatLine.longest {
            ear.complain(
                "no end of line within \(BeatLine.longest) bytes",
                closing: context.channel
            )
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        ear.ended(context.channel)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// One line of a stream of beats.
enum BeatLine {
    /// The longest line, in bytes.
    static let longest = 16384

    static func read(_ bytes: [UInt8]) throws(WireError) -> (PeerID, PeerWord) {
        try BeatJSON.decode(bytes)
    }
}
