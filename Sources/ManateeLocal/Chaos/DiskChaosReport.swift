/// What came of disks that filled up.
package struct DiskChaosReport: ChaosReport {
    /// One time that disks were full.
    package struct Round: Codable, Equatable, Sendable {
        /// Whose disks.
        package var victim: DiskChaos.Victim
        /// The same as numbers of peers, counted from 1.
        package var peers: [Int]
        /// How long filling took.
        package var secondsToFill: Double
        /// From the last byte until the shard did without the victim and writes went on; nil if nobody
        /// had room.
        package var secondsToGoOn: Double?
        /// The longest pause between two acknowledged writes until everything was whole again.
        package var writeGapSeconds: Double?
        /// What `manatee-adm verify` said of the disks while they were full.
        package var told: [String]
        /// From the room that was made until the shard was whole and writes went on.
        package var secondsToReturn: Double
        /// What it still said of them then.
        package var toldAfterwards: [String]

        /// One line of JSON.
        package var json: String { JSONLine.of(self) }
    }

    /// In their order.
    package var rounds: [Round]
    /// How many writes were acknowledged.
    package var acknowledged: Int
    /// How many of them the last primary does not have.
    package var lost: Int

    private struct Summary: Encodable {
        var rounds: Int
        var acknowledged: Int
        var lost: Int
        var succeeded: Bool
    }

    /// Whether nothing was lost, and the tool said what was wrong while it was.
    package var succeeded: Bool {
        lost == 0 && acknowledged > 0 && !rounds.isEmpty
            && rounds.allSatisfy { !$0.told.isEmpty && $0.toldAfterwards.isEmpty }
    }

    /// One line of JSON.
    package var json: String {
        JSONLine.of(
            Summary(
                rounds: rounds.count,
                acknowledged: acknowledged,
                lost: lost,
                succeeded: succeeded
            )
        )
    }
}
