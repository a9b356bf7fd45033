package import ManateeCore

/// Where a peer keeps its memory on its own disk.
///
/// Contract: `save` returns only when the new memory would survive a power failure, and never leaves
/// a half-written one behind.
package protocol MemoryStorage: Sendable {
    /// Reads the memory; an empty one if there was none.
    ///
    /// - Throws: if it exists but cannot be understood.
    func load() async throws(EffectFailure) -> PeerMemory

    /// Replaces the memory.
    func save(_ memory: PeerMemory) async throws(EffectFailure)
}
