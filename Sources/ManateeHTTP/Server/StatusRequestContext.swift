import Hummingbird
import NIOCore

/// What a request comes with: its connection, which a reader that does not read is cut off by.
struct StatusRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
