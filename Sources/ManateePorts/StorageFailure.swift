/// Why storage did not do what it was asked to.
package struct StorageFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds that call for different reactions.
    package enum Kind: Equatable, Sendable {
        /// What was named is not there.
        case missing
        /// What was to be made is there already.
        case exists
        /// It is mounted, or a process uses it.
        case inUse
        /// Something else is mounted or lies where the data belongs.
        case foreignMount
        /// A hold keeps the snapshot.
        case held
        /// A clone stands on the snapshot.
        case hasClones
        /// Snapshots of an operator are newer than the one to return to.
        case newerSnapshots
        /// The base of a difference is not the newest snapshot here.
        case noCommonSnapshot
        /// The stream is cut off or is none.
        case badStream
        /// As much is set aside as may be.
        case tooManyIsolated
        /// The file system or its tools cannot do this.
        case unsupported
        /// No space is left.
        case noSpace
        /// The user that this process runs as may not.
        case notPermitted
        /// A tool did not end in time.
        case timedOut
        /// The task was cancelled.
        case cancelled
        /// Anything else; trying again may help.
        case failed
    }

    /// What sort of failure it is.
    package var kind: Kind
    /// What was attempted, on what, what was seen, and what to do, for an operator.
    package var detail: String

    /// A failure of this kind.
    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    /// The detail.
    package var description: String { detail }
}
