/// What is known of the snapshots of a peer's data.
package struct SnapshotStatus: Equatable, Sendable {
    /// How many there are, whoever took them.
    package var count: Int
    /// When the newest of Manatee's was taken, in milliseconds since 1970; nil if there is none.
    package var newestMilliseconds: Int64?
    /// What would be free if all of them went, in bytes; nil if the backend cannot tell.
    package var bytes: Int64?

    /// A status of these facts.
    package init(count: Int, newestMilliseconds: Int64? = nil, bytes: Int64? = nil) {
        self.count = count
        self.newestMilliseconds = newestMilliseconds
        self.bytes = bytes
    }
}
