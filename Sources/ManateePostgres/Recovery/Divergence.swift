import ManateeCore

/// Where two lines of timelines part.
enum Divergence: Equatable, Sendable {
    /// Both copies are on the same timeline: nothing parts them.
    case none
    /// The own copy has not heard of the switch at this position: it diverged if, and only if, it has
    /// a record there or beyond.
    case possible(WALPosition)
    /// The own copy went onto a timeline of its own at this position.
    case certain(WALPosition)

    /// Compares the own line of timelines with that of the source.
    ///
    /// - Parameters:
    ///   - own: the timelines that the own copy left.
    ///   - timeline: the timeline on which the own copy ends.
    ///   - source: the timelines that the source left.
    ///   - sourceTimeline: the timeline on which the source is.
    init(
        own: TimelineHistory,
        endingOn timeline: TimelineID,
        source: TimelineHistory,
        endingOn sourceTimeline: TimelineID
    ) {
        let mine = own.switches.map { ($0.timeline, LSN?.some($0.end)) } + [(timeline, nil)]
        let theirs =
            source.switches.map { ($0.timeline, LSN?.some($0.end)) } + [(sourceTimeline, nil)]
        var parted = WALPosition(timeline: mine[0].0, lsn: .zero)
        for ((myTimeline, myEnd), (theirTimeline, theirEnd)) in zip(mine, theirs) {
            guard myTimeline == theirTimeline else { break }
            switch (myEnd, theirEnd) {
            case (nil, nil):
                self = .none
                return
            case (nil, let end?):
                self = .possible(WALPosition(timeline: myTimeline, lsn: end))
                return
            case (let end?, nil):
                self = .certain(WALPosition(timeline: myTimeline, lsn: end))
                return
            case (let left?, let right?):
                parted = WALPosition(timeline: myTimeline, lsn: min(left, right))
                guard left == right else {
                    self = .certain(parted)
                    return
                }
            }
        }
        self = .certain(parted)
    }
}
