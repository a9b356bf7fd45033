/// What one run of one fault came to.
package struct FaultResult: Codable, Sendable {
    /// Which manager.
    package var system: String
    /// Which of its settings.
    package var profile: String
    /// Which fault.
    package var fault: Fault
    /// Counted from 1 for each fault.
    package var run: Int
    /// The longest time without an acknowledged write; nil if none came any more.
    package var writeGapMilliseconds: Int?
    /// The longest time in which no server answered a read.
    package var readGapMilliseconds: Int?
    /// From the fault until there were primary and sync again.
    package var restoredMilliseconds: Int?
    /// From the moment when the struck peer may come back until it streamed.
    package var rejoinMilliseconds: Int?
    /// How many writes were seen to succeed.
    package var acknowledged: Int
    /// How many of them the primary did not have at the end.
    package var lost: Int
    /// Of how many writes nobody knows.
    package var unknown: Int
    /// How many writes a second primary acknowledged.
    package var twoPrimaries: Int

    /// A result of these figures.
    package init(
        system: String,
        profile: String,
        fault: Fault,
        run: Int,
        writeGapMilliseconds: Int?,
        readGapMilliseconds: Int?,
        restoredMilliseconds: Int?,
        rejoinMilliseconds: Int?,
        acknowledged: Int,
        lost: Int,
        unknown: Int,
        twoPrimaries: Int
    ) {
        self.system = system
        self.profile = profile
        self.fault = fault
        self.run = run
        self.writeGapMilliseconds = writeGapMilliseconds
        self.readGapMilliseconds = readGapMilliseconds
        self.restoredMilliseconds = restoredMilliseconds
        self.rejoinMilliseconds = rejoinMilliseconds
        self.acknowledged = acknowledged
        self.lost = lost
        self.unknown = unknown
        self.twoPrimaries = twoPrimaries
    }
}
