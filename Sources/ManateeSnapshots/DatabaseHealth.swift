/// Whether the database whose snapshots are taken is well.
package protocol DatabaseHealth: Sendable {
    /// What is wrong with it; nil if it is well.
    func problem() async -> String?
}
