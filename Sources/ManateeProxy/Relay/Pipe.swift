import NIOCore

/// One end of a relayed connection: what comes here goes out at the partner.
///
/// Nothing is copied and nothing is gathered: a buffer that was read is written as it is. It reads on only
/// while the partner can write, so that a slow reader holds at most what NIO's water marks and one read
/// allow (some 200 KiB). The end of one direction is passed on as such.
final class Pipe: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = Never
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Where bytes go; nil until both ends are there.
    var partner: Pipe?
    /// Takes the bytes in place of the partner.
    var onBytes: ((ByteBuffer) -> Void)?
    /// The other side will send no more: takes that in place of the partner.
    var onInputClosed: (() -> Void)?
    /// The connection is over.
    var onEnd: (() -> Void)?

    /// How many bytes came in here.
    private(set) var byteCount = 0
    private var context: ChannelHandlerContext?
    private var isReadWanted = false
    private(set) var isInputClosed = false

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: Bytes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        byteCount += bytes.readableBytes
        if let onBytes { onBytes(bytes) } else { partner?.context?.write(data, promise: nil) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if onBytes == nil { partner?.context?.flush() }
    }

    /// Writes and flushes.
    func send(_ bytes: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    // MARK: Back-pressure

    func read(context: ChannelHandlerContext) {
        if partner?.isWritable ?? true { context.read() } else { isReadWanted = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { partner?.readOn() }
    }

    private var isWritable: Bool { context?.channel.isWritable ?? true }

    private func readOn() {
        guard isReadWanted else { return }
        isReadWanted = false
        context?.read()
    }

    // MARK: Ends

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else { return }
        isInputClosed = true
        if let onInputClosed { onInputClosed() } else { passInputClosed() }
    }

    /// Tells the partner's other side that no more will come; what comes from there still passes.
    func passInputClosed() {
        guard let partner else { return close() }
        partner.context?.close(mode: .output, promise: nil)
    }

    /// Closes once everything that was written is gone.
    func finish() {
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    /// Closes at once.
    func close() { context?.close(promise: nil) }

    /// Forgets everybody: the pipes and their session hold each other.
    func detach() {
        partner = nil
        (onBytes, onInputClosed, onEnd) = (nil, nil, nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        onEnd?()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A connection that was reset, mostly; the end follows.
        context.close(promise: nil)
    }
}
