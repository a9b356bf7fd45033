/// A primary and its reign.
public struct Primary: Hashable, Sendable {
    /// Where it is.
    public var server: Server
    /// The generation that declared it, or the latest one in which it still is primary.
    public var token: FencingToken
}
