/// What a peer sees of another, without the store.
package enum Observation: Hashable, Sendable {
    /// It said this.
    case beat(PeerWord)
    /// Its stream of beats broke off.
    case streamLost
    /// Both of its ports were tried at about the same time.
    case knocked(sitter: Knock, postgres: Knock)
}

/// How an attempt to reach a port ended.
package enum Knock: Hashable, Sendable {
    /// The host answers, and nobody listens there.
    case refused
    /// The program behind the port answered; that its host accepts the connection is not enough.
    case answered
    /// No answer in time, or none that tells anything.
    case silent
}
