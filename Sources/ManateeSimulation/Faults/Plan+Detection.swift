/// Plans that show how failures are detected: what must not be taken for one, and what must.
extension Plan {
    /// What a history is to show.
    package enum Shape: String, Hashable, Sendable {
        /// Anything goes wrong.
        case swarm
        /// Nothing but delays and stops shorter than the limits.
        case calm
        /// Two peers lose each other, and everybody else is well.
        case partition
        /// Of three peers the primary is lost, and the next primary while the first comes back.
        case succession
        /// A disk fills up for good, and everybody else is well.
        case shortage
        /// Of three peers the primary's or the sync's disk fills up, while the third has no copy.
        case lastPair
    }

    /// How long after its last fault writes may take until they are back.
    var resumptionBound: SimulatedTime { shape == .succession ? .seconds(30) : .seconds(15) }

    /// The fault by which two peers lose each other; nil in other histories.
    var partition: Fault? { shape == .partition ? faults.first : nil }

    /// The fault that lasts, and that writes survive; nil in other histories.
    var survived: Fault? {
        switch shape {
        case .partition, .shortage: faults.first
        case .succession, .lastPair: faults.last
        case .swarm, .calm: nil
        }
    }

    /// Stops of at most a second, some seconds apart, and beats that are late.
    mutating func becomeCalm(_ draw: inout Generator) {
        shape = .calm
        faults = []
        let kinds: [Fault.Kind] = [.pauseSitter, .pausePostgres, .pause, .jitter, .slowWatches]
        var time = SimulatedTime.seconds(5)
        while time + .seconds(4) < healingBegins {
            let kind = kinds[draw.below(kinds.count)]
            faults.append(
                Fault(
                    at: time,
                    kind,
                    Plan.target(peers, &draw),
                    for: SimulatedTime.milliseconds(Int64(50 + draw.below(951)))
                )
            )
            time = time + .milliseconds(Int64(3000 + draw.below(3000)))
        }
    }

    /// A link that is cut for good, in both directions or one, silently or with refusals; perhaps with
    /// the way to the store of one end.
    mutating func becomePartition(_ draw: inout Generator) {
        shape = .partition
        let kinds: [Fault.Kind] = [.cut, .cutOneWay, .reject]
        let isPair = draw.chance(600)
        let ends: [Fault.Target] = draw.chance(500) ? [.primary, .sync] : [.sync, .primary]
        let time = SimulatedTime.milliseconds(Int64(11_000 + draw.below(3000)))
        healingBegins = time + resumptionBound + .seconds(1)
        let fault = Fault(
            at: time,
            kinds[draw.below(kinds.count)],
            ends[0],
            other: isPair ? ends[1] : .peer(draw.below(peers)),
            for: .seconds(60)
        )
        faults = [fault]
        guard draw.chance(300) else { return }
        faults.append(Fault(at: time, .cutStore, ends[draw.below(2)], for: .seconds(60)))
    }

    /// The room of the primary, of the sync or of any peer is gone for good.
    mutating func becomeShortage(_ draw: inout Generator) {
        shape = .shortage
        let time = draw.milliseconds(11_000, 14_000)
        healingBegins = time + resumptionBound + .seconds(1)
        faults = [Fault(at: time, .fillDisk, Plan.target(peers, &draw), for: .seconds(60))]
    }

    /// The room of the primary or of the sync is gone for good, while nobody can take its place.
    mutating func becomeLastPair(_ draw: inout Generator) {
        shape = .lastPair
        peers = 3
        let time = draw.milliseconds(11_000, 14_000)
        healingBegins = time + resumptionBound + .seconds(1)
        let short = draw.chance(500) ? Fault.Target.primary : .sync
        faults = [
            Fault(at: time - .seconds(3), .failPostgres, .async, for: .seconds(60)),
            Fault(at: time - .seconds(3), .loseDisk, .async, for: .milliseconds(500)),
            Fault(at: time, .fillDisk, short, for: .seconds(60)),
        ]
    }

    /// The primary is killed; the primary that follows is killed for good, shortly before or after the first
    /// comes back.
    mutating func becomeSuccession(_ draw: inout Generator) {
        shape = .succession
        peers = 3
        let first = draw.milliseconds(8000, 12_000)
        let second = first + draw.milliseconds(4000, 9000)
        let back = second - draw.milliseconds(0, 1500) + draw.milliseconds(0, 3000)
        healingBegins = second + resumptionBound + .seconds(1)
        faults = [
            Fault(at: first, .kill, .primary, for: back - first),
            Fault(at: second, .kill, .primary, for: .seconds(90)),
        ]
    }
}
