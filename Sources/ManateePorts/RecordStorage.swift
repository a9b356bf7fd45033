package import ManateeCore
package import ManateeJournal

/// Where a peer keeps its records of role changes, so that they outlive its sitter.
///
/// Nothing rests on them but what an operator is told.
package protocol RecordStorage: Sendable {
    /// Reads the records, oldest first; none if none were kept.
    ///
    /// - Throws: if they are there but cannot be understood.
    func load() async throws(EffectFailure) -> [RoleChangeRecord]

    /// Replaces the records.
    func save(_ records: [RoleChangeRecord]) async throws(EffectFailure)
}
