/// The figures of a failover story.
package struct StoryReport: Equatable, Sendable {
    /// How many writes a client saw succeed.
    package var acknowledged: Int
    /// How many of these are not in the final primary.
    package var lost: Int
    /// How many writes ended without a clear answer.
    package var unknown: Int
    /// The pause of writing that each failover cost, in their order.
    package var writeGaps: [Duration]
    /// From the start of each killed peer to the moment in which it streams again, in their order.
    package var rejoins: [Duration]
    /// The generation at the end.
    package var generation: Int
    /// Whether the shard was whole at the end.
    package var healthy: Bool

    /// A report of these figures.
    package init(
        acknowledged: Int,
        lost: Int,
        unknown: Int,
        writeGaps: [Duration],
        rejoins: [Duration],
        generation: Int,
        healthy: Bool
    ) {
        self.acknowledged = acknowledged
        self.lost = lost
        self.unknown = unknown
        self.writeGaps = writeGaps
        self.rejoins = rejoins
        self.generation = generation
        self.healthy = healthy
    }

    /// Whether the promise was kept and the shard is whole.
    package var succeeded: Bool { lost == 0 && acknowledged > 0 && healthy }

    /// One line of JSON.
    package var json: String {
        let gaps = writeGaps.map { String($0.milliseconds) }.joined(separator: ",")
        let rejoinSeconds = rejoins.map(StoryTimeline.seconds).joined(separator: ",")
        return """
            {"acknowledged":\(acknowledged),"lost":\(lost),"unknown":\(unknown),\
            "failovers":\(writeGaps.count),"writeGapMilliseconds":[\(gaps)],\
            "rejoinSeconds":[\(rejoinSeconds)],"generation":\(generation),"healthy":\(healthy)}
            """
    }

    /// The same for people, over a few lines.
    package var summary: String {
        let gaps = writeGaps.map { "\($0.milliseconds) ms" }.joined(separator: ", ")
        let times = rejoins.map { "\(StoryTimeline.seconds($0)) s" }.joined(separator: ", ")
        return """
            acknowledged writes   \(acknowledged)
            lost writes           \(lost)
            without an answer     \(unknown)
            pause per failover    \(gaps)
            rejoin per peer       \(times)
            generation            \(generation)
            """
    }
}
