extension Explanation {
    /// What somebody wants to know who was woken up: short sentences, each complete.
    package struct Summary: Equatable, Sendable {
        /// How the shard is; what is wrong, if anything is.
        package var state: [String]
        /// Whether writes are acknowledged.
        package var writes: String
        /// What happens by itself.
        package var next: [String]
        /// What does not happen, and why.
        package var blocked: [String]
        /// The peers whose death would stop writes; nil if there is none.
        package var risk: String?
        /// What an operator has to do.
        package var todo: [String]

        /// All of it, under the words that people read; a word may have no lines.
        package var lines: [(label: String, texts: [String])] {
            [
                ("state", state), ("writes", [writes]), ("next", next), ("blocked", blocked),
                ("risk", risk.map { [$0] } ?? []), ("to do", todo),
            ]
        }
    }

    /// The beginning of the text, and the same for programs.
    package var summary: Summary {
        let concerns = self.concerns
        return Summary(
            state: concerns.isEmpty ? [calm] : concerns.map(\.state),
            writes: writes,
            next: next(concerns),
            blocked: blocked,
            risk: risk,
            todo: concerns.compactMap(\.todo).nonEmpty ?? ["nothing"]
        )
    }

    /// Something that is not as usual, and what follows from it.
    struct Concern {
        var state: String
        var next: String?
        var otherwise: String?
        var todo: String?
    }

    private var calm: String {
        risk == nil
            ? "healthy; any one peer may die, and writes go on" : "every peer is in its place"
    }

    private func next(_ concerns: [Concern]) -> [String] {
        let waits = concerns.flatMap { [$0.next, $0.otherwise].compactMap(\.self) }
        guard !isStoreAway, state.freeze == nil else { return waits }
        let changes = members.compactMap { member in
            member.proposal.map { change(by: member.peer, $0) }
        }
        let nothing =
            concerns.isEmpty ? "nothing; every peer is as it should be" : "nothing is under way"
        return (changes + waits).nonEmpty ?? [nothing]
    }

    private func change(by actor: Peer, _ new: ClusterState) -> String {
        if let handover = new.handover {
            return """
                \(name(actor)) hands over to \(named("\(handover.to)")) at once; writes pause until that \
                is done
                """
        }
        let sync = new.sync.map(name) ?? "nobody"
        if new.primary != state.primary {
            return """
                \(name(actor)) takes over at once as primary, with \(sync) as sync, in generation \
                \(new.generation)
                """
        }
        if new.generation != state.generation {
            return "\(name(actor)) takes \(sync) as sync at once, in generation \(new.generation)"
        }
        let added = new.async.filter { !state.async.contains($0) }.map { "takes in \(name($0))" }
        let removed = state.async.filter { !new.async.contains($0) }.map { "drops \(name($0))" }
        let changes = (added + removed).joined(separator: " and ")
        return changes.isEmpty
            ? "\(name(actor)) writes the cluster state anew, with the same primary and sync"
            : "\(name(actor)) \(changes) as async at once"
    }

    // MARK: Writes

    private var writes: String {
        let primary = members.first { $0.role == .primary }
        let sync = members.first { $0.role == .sync }
        guard let primary else { return "not certain: the state names no primary" }
        if let stop = trouble(primary) { return "stopped: \(stop)" }
        if state.oneNodeWriteMode {
            return "flowing, but on one disk only: \(name(primary.peer)) acknowledges them alone"
        }
        guard let sync else { return "not certain: the cluster state names no sync" }
        if let stop = trouble(sync) { return "waiting: every commit needs the sync, but \(stop)" }
        if isBehind {
            return "waiting: no commit is acknowledged until \(name(sync.peer)) has caught up"
        }
        let pair = "\(name(primary.peer)) and \(name(sync.peer))"
        if isStoreAway { return "flowing, as long as \(pair) live and reach each other" }
        for member in [primary, sync] where !member.isPresent {
            return "flowing for now: the postgres of \(name(member.peer)) still answers"
        }
        if isSilent(primary, for: sync) || isSilent(sync, for: primary) {
            return "not certain: commits wait if \(pair) do not reach each other"
        }
        let asked =
            primary.answers == nil ? "flowing as far as known (postgres was not asked)" : "flowing"
        return "\(asked); a commit is acknowledged when \(pair) have it on disk"
    }

    /// Why commits cannot count on `member`; nil if they can.
    private func trouble(_ member: Member) -> String? {
        if !isStoreAway, !member.isPresent, member.answers != true {
            return member.isFull
                ? "the disk of \(name(member.peer)) is full"
                : "\(member.role.rawValue) \(name(member.peer)) is not present"
        }
        return member.answers == false
            ? "the postgres of \(name(member.peer)) is not as it should be" : nil
    }

    private func isSilent(_ member: Member, for other: Member) -> Bool {
        member.remarks.contains {
            if case .silent(let unheard, _) = $0 { unheard.contains(other.peer.id) } else { false }
        }
    }

    /// Whether the sync lacks what was acknowledged before its generation.
    var isBehind: Bool { gap != nil }

    /// Where the log of the sync ends, and where it would have to; nil if it is long enough.
    var gap: String? {
        let blocks = losses.flatMap { loss -> [Reason] in
            if case .blocked(_, let reasons) = loss.outcome { reasons } else { [] }
        }
        for case .notCaughtUp(_, let own, let needed, let timeline, let since) in blocks {
            let start = timeline.map { "\(WALPosition(timeline: $0, lsn: needed))" } ?? "\(needed)"
            return "its log ends at \(own), but generation \(since) began at \(start)"
        }
        return nil
    }

    // MARK: Blocks

    private var blocked: [String] {
        if isStoreAway { return ["every change of roles: it needs the store"] }
        if state.freeze != nil { return ["every change of roles: the cluster is frozen"] }
        var lines = members.flatMap { member in
            member.reasons.filter { $0.isHindrance && ![.postgres, .store].contains($0.subject) }
                .map {
                    named("\(name(member.peer)): \($0)")
                }
        }
        if isBehind, let sync = state.sync {
            lines.append("a takeover by \(name(sync)): acknowledged writes may be missing on it")
        }
        for member in members where member.role == .primary {
            for case .silent(_, let heard) in member.remarks where !heard.isEmpty {
                lines.append(
                    "a takeover on silence alone: \(list(heard)) can hear \(name(member.peer))"
                )
            }
        }
        return lines
    }

    private var risk: String? {
        let fatal = losses.filter { $0.role == .primary || $0.role == .sync }.filter {
            switch $0.outcome {
            case .blocked, .absent, .nobody: true
            case .change, .nothing: false
            }
        }.map { name($0.peer) }
        guard !fatal.isEmpty, isServing else { return nil }
        return "if \(fatal.joined(separator: " or ")) died now, nobody could step in"
    }

    /// Whether the primary is there to take writes, or takes them although it is not.
    var isServing: Bool {
        let isPrimaryPresent = members.contains { $0.role == .primary && $0.isPresent }
        let pair = members.filter { $0.role == .primary || $0.role == .sync }
        return isStoreAway || isPrimaryPresent || pair.allSatisfy { trouble($0) == nil }
    }
}

extension Explanation.Member {
    var isFull: Bool {
        remarks.contains { if case .full = $0 { true } else { false } }
    }

    var isMute: Bool {
        remarks.contains { if case .mute = $0 { true } else { false } }
    }
}

extension Array {
    /// The array itself; nil if it is empty.
    fileprivate var nonEmpty: Self? { isEmpty ? nil : self }
}
