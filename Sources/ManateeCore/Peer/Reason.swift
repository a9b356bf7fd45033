/// Why a peer does what it does, or does not; log, status and transcripts print the same words.
package enum Reason: Equatable, Sendable {
    /// The peer took this role in this generation.
    case assumed(PeerRole, Generation?)
}
