import ManateeCore

/// How an old copy, or none, becomes one that follows: the ways that are open, cheapest first.
struct RejoinPlan: Sendable {
    /// One way; each is tried until the copy is seen to stream.
    enum Way: Equatable, Sendable, CustomStringConvertible {
        /// Nothing is to be done.
        case follow
        /// `pg_rewind` takes the end of the log back.
        case rewind(WALPosition)
        /// The storage takes the data back to a snapshot from before it diverged.
        case rollBack
        /// A backup server sends what is missing since a snapshot that both have.
        case difference
        /// All of it is copied.
        case copy

        var description: String {
            switch self {
            case .follow: "follow as it is"
            case .rewind(let fork): "pg_rewind to \(fork)"
            case .rollBack: "roll back to a snapshot"
            case .difference: "copy what is missing since a common snapshot"
            case .copy: "copy everything"
            }
        }
    }

    /// The ways that were not tried yet.
    var ways: [Way]
    /// Why the copy cannot be used as it is; nil if there is none, or nothing is wrong.
    var reason: String?
    /// What the primary said about its log; nil if it was not asked.
    var source: LogCopy?
    /// What the own copy's control file says; nil if there is no copy.
    var control: ControlData?
    /// Whether the own copy holds what the shard does not have.
    var isDiverged = false
    /// Whether an operator asked for it.
    var isRequested = false
}

/// Why a way is not open here: the next one is tried.
struct WayClosed: Error, CustomStringConvertible {
    /// What was seen.
    var description: String
}
