/// What became of a healthy shard on bad machines.
package struct CalmResult: Codable, Sendable {
    /// Which profile of failure detection.
    package var profile: String
    /// How long it was watched.
    package var seconds: Int
    /// How often a sitter was stopped for a second.
    package var stops: Int
    /// How often another peer became primary: nobody had failed, so each was for nothing.
    package var takeovers: Int
    /// How often the primary took another sync, for nothing as well.
    package var syncChanges: Int
    /// The longest time without an acknowledged write.
    package var writeGapMilliseconds: Int?
    /// How many writes were seen to succeed.
    package var acknowledged: Int
    /// How many of them the primary did not have at the end.
    package var lost: Int
    /// The machine's load average over the last five minutes, at the end.
    package var loadAverage: Double
}
