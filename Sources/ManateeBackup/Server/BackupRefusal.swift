import ManateePorts

/// Why the server does not begin a job.
struct BackupRefusal: Error, Equatable {
    /// The words for the causes, which the receiver acts on.
    enum Code: String {
        /// As many jobs run as may.
        case tooManyJobs = "TooManyJobs"
        /// There is no snapshot, and none can be taken.
        case noSnapshot = "NoSnapshot"
        /// The receiver needs another version of PostgreSQL, of storage or of this protocol.
        case wrongVersion = "WrongVersion"
        /// The storage does not do what is needed.
        case storageFailed = "StorageFailed"
        /// The server is about to end.
        case ending = "ServiceUnavailable"
    }

    var code: Code
    var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ failure: StorageFailure) {
        self.init(.storageFailed, "the source's storage: \(failure.detail)")
    }
}
