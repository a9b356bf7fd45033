extension Explanation {
    /// All that is not as usual, what an operator ordered first.
    var concerns: [Concern] {
        orders + (isStoreAway ? [storeAway] : []) + (isAlone ? [alone] : [])
            + members.flatMap(concerns) + missing
    }

    /// Whether no sitter told anything, though it was asked.
    private var isAlone: Bool {
        let asked = members.filter(\.isPresent)
        return !asked.isEmpty && asked.allSatisfy(\.isMute)
    }

    private var alone: Concern {
        Concern(
            state: "no sitter answered; this is told from the store and postgres alone",
            todo: "see whether their status ports can be reached from here"
        )
    }

    private var storeAway: Concern {
        Concern(
            state: "the store does not answer; this is what was last known",
            next: "nothing changes until the store answers; the sitters keep trying",
            todo: "bring the store back; leave the peers running meanwhile"
        )
    }

    private var orders: [Concern] {
        var orders: [Concern] = []
        if let freeze = state.freeze {
            let date = freeze.date.map { " since \($0)" } ?? ""
            orders.append(
                Concern(
                    state: "frozen\(date): \(freeze.reason ?? "no reason was given")",
                    next: "nobody changes roles until the cluster is unfrozen",
                    todo: "when the reason for the freeze is over: manatee-adm unfreeze"
                )
            )
        }
        if let handover = state.handover {
            let (from, to) = (named("\(handover.from)"), named("\(handover.to)"))
            orders.append(
                Concern(
                    state: "\(from) is handing over to \(to)",
                    next:
                        "\(to) takes over when \(from) has stopped; else \(from) goes on by itself"
                )
            )
        }
        if members.contains(where: { $0.reasons.contains { $0.subject == .request } }) {
            orders.append(
                Concern(
                    state: "an operator asked for a promotion",
                    todo: "only to take the request back: manatee-adm clear-promote"
                )
            )
        }
        if state.oneNodeWriteMode {
            orders.append(Concern(state: "one-node-write mode: there is one copy of the data"))
        }
        return orders
    }

    /// What is missing that is nobody's fault.
    private var missing: [Concern] {
        var missing: [Concern] = []
        if let gap, let sync = state.sync {
            missing.append(
                Concern(
                    state: "sync \(name(sync)) has not caught up: \(gap)",
                    next:
                        "\(name(sync)) receives the log of \(name(state.primary)) until it has all",
                    todo: """
                        keep \(name(state.primary)) running; watch \(name(sync)) catch up: manatee-adm \
                        pg-status
                        """
                )
            )
        }
        if state.async.isEmpty, state.sync != nil {
            missing.append(
                Concern(
                    state: "there is no async: nobody could step in for primary or sync",
                    next: "nothing, until another peer comes; it then joins the chain by itself",
                    todo: "start manatee-sitter on another machine"
                )
            )
        }
        return missing
    }

    private func concerns(_ member: Member) -> [Concern] {
        let who = "\(member.role.rawValue) \(name(member.peer))"
        var concerns = member.remarks.compactMap { concern($0, member, who) }
        for reason in member.reasons {
            switch reason.subject {
            case .postgres:
                concerns.append(
                    Concern(
                        state: named("\(who): \(reason)"),
                        next: "\(name(member.peer)) goes on trying by itself",
                        todo: "if that stays: read the log of postgres on \(machine(member.peer))"
                    )
                )
            case .store, .memory:
                concerns.append(Concern(state: named("\(who): \(reason)")))
            case .suspicion:
                guard case .sparing(let spared) = reason else { break }
                concerns.append(
                    Concern(
                        state: named("\(who): \(reason)"),
                        next: named("\(spared) keeps its place until an async serves"),
                        todo: named("see why \(spared) left the election: its store, its disk")
                    )
                )
            case .role, .change, .refusal, .request, .requestRefusal, .asyncs, .asyncsRefusal,
                .doubt,
                .connection, .writes, .reads:
                break
            }
        }
        if member.role == .deposed { concerns.append(deposed(member)) }
        if let failure = member.failure {
            concerns.append(Concern(state: "the sitter of \(who) ends: \(failure)"))
        }
        return concerns
    }

    private func concern(_ remark: Remark, _ member: Member, _ who: String) -> Concern? {
        let peer = member.peer
        switch remark {
        case .absent where member.role == .deposed:
            return Concern(
                state: "\(who) is not present",
                todo: "start manatee-sitter on \(machine(peer))"
            )
        case .absent:
            return Concern(
                state: "\(who) is not present",
                next: hope(of: member),
                todo: "start manatee-sitter on \(machine(peer))"
            )
        case .full(let words):
            return Concern(
                state: "the disk of \(who) is full: \(words)",
                next: "\(name(peer)) comes back by itself when it has room",
                todo: "make room on \(machine(peer))"
            )
        case .mute where isAlone:
            return nil
        case .mute(let cause):
            return Concern(
                state: "the sitter of \(who) did not answer (\(cause)): whom it hears is not known",
                todo: "see whether manatee-sitter runs on \(machine(peer))"
            )
        case .silent(let unheard, let heard):
            let back = "the network between \(name(peer)) and \(list(unheard))"
            return Concern(
                state: "\(list(unheard)) cannot hear \(who)"
                    + (heard.isEmpty ? "" : ", but \(list(heard)) can"),
                next: wait(for: member, unheard),
                otherwise: evasion(of: member, unheard),
                todo: "check \(back)"
            )
        case .log, .logUnknown, .deposed:
            return nil
        }
    }

    /// What the return of an absent peer would change.
    private func hope(of member: Member) -> String? {
        let peer = name(member.peer)
        switch member.role {
        case .primary:
            return hasChange ? nil : "when \(peer) is back, it goes on as primary"
        case .sync:
            return hasChange ? nil : "when \(peer) is back, it goes on as sync"
        case .async:
            guard !hasChange, !isServing, let sync = state.sync else { return nil }
            return "when \(peer) is back, \(name(sync)) takes over with it as sync"
        case .deposed, .unassigned, .unknown:
            return nil
        }
    }

    private var hasChange: Bool { members.contains { $0.proposal != nil } }

    /// What would have to come for something to follow from silence.
    private func wait(for member: Member, _ unheard: [PeerID]) -> String? {
        guard let sync = state.sync else { return nil }
        switch member.role {
        case .primary where unheard.contains(sync.id):
            return """
                \(name(sync)) takes over when another peer misses \(name(member.peer)) too and nobody \
                hears it, or when \(name(member.peer)) leaves the election
                """
        case .sync where unheard.contains(state.primary.id):
            return """
                \(name(state.primary)) takes another sync, as soon as it hears an async that serves
                """
        case .primary, .sync, .async, .deposed, .unassigned, .unknown:
            return nil
        }
    }

    /// What the primary does if its sync does not hear it, and is not heard either.
    private func evasion(of member: Member, _ unheard: [PeerID]) -> String? {
        guard member.role == .primary, let sync = state.sync, unheard.contains(sync.id) else {
            return nil
        }
        return
            "\(name(member.peer)) takes another sync if it misses \(name(sync)), and hears an async"
    }

    private func deposed(_ member: Member) -> Concern {
        let peer = name(member.peer)
        var why = ""
        for case .deposed(let reign, let successor?, let next?) in member.remarks {
            why = named(
                ": primary in generation \(reign), until \(successor) took over in generation \(next)"
            )
        }
        if member.reasons.contains(.deposedUntilRebuilt) {
            return Concern(
                state: "\(peer) is deposed\(why), and set to wait for an operator",
                todo: "manatee-adm rebuild, on \(machine(member.peer))"
            )
        }
        guard member.isPresent else { return Concern(state: "\(peer) is deposed\(why)") }
        return Concern(
            state: "\(peer) is deposed\(why)",
            next: "\(peer) brings its copy back into line, then joins the end of the chain",
            todo: "only if that keeps failing: manatee-adm rebuild, on \(machine(member.peer))"
        )
    }

    private func machine(_ peer: Peer) -> String { "\(name(peer)) (\(peer.ip))" }
}
