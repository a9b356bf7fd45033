import ManateeCore
import ManateeWire
import NIOCore

/// The speaking side: says the newest word to whoever listens.
///
/// It lives on one event loop.
final class Speaker {
    /// How many may listen at once; further ones are turned away.
    static let mostListeners = 64

    private let id: PeerID
    private var line: ByteBuffer?
    private var listeners: [ObjectIdentifier: any Channel] = [:]

    init(_ id: PeerID) {
        self.id = id
    }

    func speak(_ word: PeerWord) {
        line = ByteBuffer(bytes: BeatJSON.encode(word, of: id))
        beat()
    }

    func beat() {
        guard let line else { return }
        // Whoever does not read gets no more until it does: the newest word is all that counts.
        for listener in listeners.values where listener.isWritable {
            listener.writeAndFlush(line, promise: nil)
        }
    }

    func add(_ listener: any Channel) {
        guard listeners.count < Self.mostListeners else {
            return listener.close(promise: nil)
        }
        listeners[ObjectIdentifier(listener)] = listener
        if let line { listener.writeAndFlush(line, promise: nil) }
    }

    func remove(_ listener: any Channel) {
        listeners[ObjectIdentifier(listener)] = nil
    }

    func close() {
        for listener in listeners.values { listener.close(promise: nil) }
    }
}

/// One listener's connection: it has nothing to say, and is cut off if it says much.
final class ListenerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// How much a listener may send, in bytes.
    private static let mostBytes = 4096

    private let speaker: Speaker
    private var received = 0

    init(_ speaker: Speaker) {
        self.speaker = speaker
    }

    func channelActive(context: ChannelHandlerContext) {
        speaker.add(context.channel)
    }

    func channelInactive(context: ChannelHandlerContext) {
        speaker.remove(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytes
        if received > Self.mostBytes { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
