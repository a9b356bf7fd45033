/// One thing that was measured of one storage with one size of database.
package struct StorageResult: Codable, Sendable {
    /// What was measured.
    package enum Measure: String, Codable, Sendable {
        /// From the start of a peer without data until it streams.
        case build
        /// The same data, copied by the file system's own tools until it is on the disk.
        case plainCopy
        /// From the start of a diverged primary until it streams.
        case rejoin
    }

    /// What the data lies on.
    package var storage: String
    /// The size that the database was filled to, in MiB.
    package var databaseMegabytes: Int
    /// What was measured.
    package var measure: Measure
    /// How long it took.
    package var seconds: Double
    /// How much the source's data directory held, in MiB, log included; nil if that does not matter.
    package var copiedMegabytes: Int?
    /// By which way, in the product's words, or by which command.
    package var way: String

    /// A result of these figures.
    package init(
        storage: String,
        databaseMegabytes: Int,
        measure: Measure,
        seconds: Double,
        copiedMegabytes: Int?,
        way: String
    ) {
        self.storage = storage
        self.databaseMegabytes = databaseMegabytes
        self.measure = measure
        self.seconds = seconds
        self.copiedMegabytes = copiedMegabytes
        self.way = way
    }

    /// MiB in a second; nil where nothing was counted.
    package var rate: Double? { copiedMegabytes.map { Double($0) / max(seconds, 0.001) } }
}
