import NIOCore

/// Hands a channel's bytes and its end to the session's driver.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let id: ConnectionID
    private let driver: SessionDriver
    private var reason = "the server closed the connection"

    init(id: ConnectionID, driver: SessionDriver) {
        self.id = id
        self.driver = driver
    }

    func channelActive(context: ChannelHandlerContext) {
        driver.opened(id, context.channel)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        driver.handle(.received(id, Array(unwrapInboundIn(data).readableBytesView)))
    }

    func channelInactive(context: ChannelHandlerContext) {
        driver.ended(id, reason: reason)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        reason = "\(error)"
        context.close(promise: nil)
    }
}
