extension BackupServer {
    /// How a backup server behaves.
    package struct Settings: Equatable, Sendable {
        /// More jobs than this at once are never possible: each has a hold of its own.
        package static let mostJobs = 16

        /// The address to listen on.
        package var address: String
        /// The port; 0 for any that is free.
        package var port: Int
        /// How many jobs may run at once, 1 to 16; more are refused.
        ///
        /// Default 2.
        package var jobLimit: Int
        /// How long a receiver may be silent before its job ends; default 60 s.
        package var expiry: Duration
        /// The most that one job sends in a second, in bytes; nil, the default: no limit.
        package var bytesPerSecond: Int64?
        /// How long the outcome of a job can be asked for; default 1 h.
        package var remembered: Duration

        /// These settings.
        package init(
            address: String,
            port: Int,
            jobLimit: Int = 2,
            expiry: Duration = .seconds(60),
            bytesPerSecond: Int64? = nil,
            remembered: Duration = .seconds(3600)
        ) {
            self.address = address
            self.port = port
            self.jobLimit = jobLimit
            self.expiry = expiry
            self.bytesPerSecond = bytesPerSecond
            self.remembered = remembered
        }
    }
}
