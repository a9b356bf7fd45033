/// Which run of which fault on whom.
package struct FaultRunName: Hashable, Sendable {
    /// Which manager.
    package var system: String
    /// Which of its settings.
    package var profile: String
    /// Which fault.
    package var fault: Fault
    /// Counted from 1 for each fault.
    package var run: Int
}

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
    /// Why the run was given up; nil if it was not.
    package var failure: String?
    /// If the fault has two blows: the longest time without an acknowledged write between them.
    package var firstGapMilliseconds: Int?
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
        firstGapMilliseconds: Int? = nil,
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
        self.firstGapMilliseconds = firstGapMilliseconds
        self.writeGapMilliseconds = writeGapMilliseconds
        self.readGapMilliseconds = readGapMilliseconds
        self.restoredMilliseconds = restoredMilliseconds
        self.rejoinMilliseconds = rejoinMilliseconds
        self.acknowledged = acknowledged
        self.lost = lost
        self.unknown = unknown
        self.twoPrimaries = twoPrimaries
    }

    /// The result of a run that was given up because of `failure`.
    package init(_ name: FaultRunName, failure: String) {
        self.init(
            system: name.system,
            profile: name.profile,
            fault: name.fault,
            run: name.run,
            writeGapMilliseconds: nil,
            readGapMilliseconds: nil,
            restoredMilliseconds: nil,
            rejoinMilliseconds: nil,
            acknowledged: 0,
            lost: 0,
            unknown: 0,
            twoPrimaries: 0
        )
        self.failure = failure
    }

    /// Which run it was.
    package var name: FaultRunName {
        FaultRunName(system: system, profile: profile, fault: fault, run: run)
    }
}
