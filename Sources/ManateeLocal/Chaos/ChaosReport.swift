/// What came of a shard that was disturbed on purpose.
package protocol ChaosReport: Sendable {
    /// Whether the shard bore all of it.
    var succeeded: Bool { get }
    /// One line of JSON.
    var json: String { get }
}
