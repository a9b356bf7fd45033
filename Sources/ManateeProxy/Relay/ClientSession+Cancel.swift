import NIOCore

extension ClientSession {
    /// Passes a cancel request on to the servers that it may be for.
    ///
    /// As a server would, it says nothing, and ends when the servers have: then the request was heard.
    func cancel(_ key: CancelKey) {
        stage = .cancelling
        let request = inbox
        inbox.clear()
        let done = hub.servers(for: key, from: clientAddress).map { backend in
            settings.connect(to: backend, on: channel.eventLoop).flatMap { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
                    try channel.syncOptions?.setOption(.autoRead, value: true)
                }.flatMap {
                    channel.writeAndFlush(request)
                }.flatMap {
                    channel.closeFuture
                }
            }
        }
        EventLoopFuture.andAllComplete(done, on: channel.eventLoop)
            .assumeIsolated().whenComplete { _ in self.over() }
    }
}
