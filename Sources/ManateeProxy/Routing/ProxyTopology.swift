/// Who takes writes and who can be read from, as the shard has declared it.
package struct ProxyTopology: Equatable, Sendable {
    /// The generation that declared it.
    package var generation: Int
    /// The only one that takes writes.
    package var primary: Backend
    /// The others, in the order in which they replicate.
    package var standbys: [Backend]

    /// The topology of this generation.
    package init(generation: Int, primary: Backend, standbys: [Backend]) {
        self.generation = generation
        self.primary = primary
        self.standbys = standbys
    }

    /// Everybody who has a place in the shard.
    package var all: [Backend] { [primary] + standbys }
}
