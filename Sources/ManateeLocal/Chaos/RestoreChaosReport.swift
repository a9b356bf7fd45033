/// What came of disturbed restores.
package struct RestoreChaosReport: ChaosReport {
    /// One disturbed restore.
    package struct Round: Codable, Equatable, Sendable {
        /// Counted from 1.
        package var round: Int
        /// What happened.
        package var disturbance: RestoreDisturbance
        /// The peer that restores, counted from 1.
        package var receiver: Int
        /// The peer whose backup server it copied from, counted from 1.
        package var sender: Int
        /// How many bytes had come.
        package var atBytes: Int64
        /// The same, as a part of the expected size.
        package var atPercent: Int
        /// How many copies were begun until the peer streamed, the disturbed one included.
        package var attempts: Int
        /// Whether the disturbed copy itself went on where it was, and arrived.
        package var resumed: Bool
        /// From the disturbance until the peer streams and the shard is whole.
        package var secondsToStream: Double
        /// From then until nothing was left: processes, listeners, mounts, holds, copies.
        package var secondsToSettle: Double
        /// Snapshots of all peers at the end.
        package var snapshots: Int
        /// What was left although there was time.
        package var leaks: [String]

        /// One line of JSON.
        package var json: String { JSONLine.of(self) }
    }

    /// In their order.
    package var rounds: [Round]
    /// Whether all peers had the same rows at the end.
    package var sameRows: Bool

    private struct Summary: Encodable {
        var rounds: Int
        var byDisturbance: [String: Int]
        var leaks: Int
        var resumed: Int
        var longestSecondsToStream: Double
        var sameRows: Bool
        var succeeded: Bool
    }

    /// Whether every peer came back, and nothing was left behind.
    package var succeeded: Bool {
        sameRows && !rounds.isEmpty
            && rounds.allSatisfy {
                $0.leaks.isEmpty && $0.resumed == ($0.disturbance == .connection)
            }
    }

    /// One line of JSON.
    package var json: String {
        JSONLine.of(
            Summary(
                rounds: rounds.count,
                byDisturbance: Dictionary(
                    grouping: rounds,
                    by: \.disturbance.rawValue
                ).mapValues(\.count),
                leaks: rounds.map(\.leaks.count).reduce(0, +),
                resumed: rounds.count(where: \.resumed),
                longestSecondsToStream: rounds.map(\.secondsToStream).max() ?? 0,
                sameRows: sameRows,
                succeeded: succeeded
            )
        )
    }
}
