extension Explanation {
    /// The explanation for somebody who knows what a primary and a standby are; lines end with a newline.
    package var text: String {
        let parts =
            [headline, chain + members.map(words).joined()]
            + losses.map { "if \($0.role.rawValue) \(name($0.peer)) died now:\n" + words($0) }
        return parts.joined(separator: "\n")
    }

    private var headline: String {
        summary.lines.flatMap { label, texts in
            texts.enumerated().map { line, text in
                let margin = line == 0 ? "\(label):" : ""
                return margin + String(repeating: " ", count: 9 - margin.count) + text + "\n"
            }
        }.joined()
    }

    private var chain: String {
        let start = state.start.map { "\($0)" } ?? "\(state.initWAL)"
        return """
            chain: \(state.chain.map(name).joined(separator: " -> ")); generation \(state.generation) began \
            at \(start)

            """
    }

    private func words(_ member: Member) -> String {
        var lines = member.remarks.map { named($0.words) }
        lines += member.reasons.map { named("\($0)") }
        if let failure = member.failure { lines.append("its sitter ends: \(failure)") }
        if member.isQuiet, member.role != .sync || !isBehind { lines.append("as it should be") }
        return "\(member.role.rawValue) \(name(member.peer)) (\(member.peer.id))\n"
            + lines.map { "  \($0)\n" }.joined()
    }

    private func words(_ loss: Loss) -> String {
        let (happens, consequence) = consequence(of: loss)
        let writes =
            isServing ? consequence : "writes are stopped already: the primary is not present"
        return "  \(named(happens))\n  \(writes)\n"
    }

    /// What happens, and what it means for writes.
    private func consequence(of loss: Loss) -> (happens: String, writes: String) {
        switch loss.outcome {
        case .change(let actor, let new):
            return (change(by: actor, new, loss), "writes \(pause(loss))")
        case .blocked(let actor, let reasons):
            let why =
                reasons.isEmpty ? "it would end" : reasons.map { "\($0)" }.joined(separator: "; ")
            return (
                "\(hindered(loss)): \(name(actor)) would say \"\(why)\"", stop(loss)
            )
        case .absent(let actor):
            let isFull = members.contains { $0.peer == actor && $0.isFull }
            let why = isFull ? "has a full disk" : "is not present"
            return (
                "\(hindered(loss)): \(name(actor)), which would have to, \(why)",
                stop(loss)
            )
        case .nobody:
            return ("\(hindered(loss)): there is no sync that has its data", stop(loss))
        case .nothing:
            return ("nobody would have to change anything", "writes would go on")
        }
    }

    private func change(by actor: Peer, _ new: ClusterState, _ loss: Loss) -> String {
        guard new.generation > state.generation else {
            if let handover = new.handover {
                return "\(name(actor)) would hand over to \(handover.to) first, as asked"
            }
            return new.async.contains(loss.peer) || loss.role != .async
                ? "\(name(actor)) would write the state anew, with the same primary and sync"
                : "\(name(actor)) would take it off the list of asyncs"
        }
        let sync = new.sync.map(name) ?? "nobody"
        if new.primary == state.primary {
            return "\(name(actor)) would take \(sync) as sync, in generation \(new.generation)"
        }
        return """
            \(name(actor)) would take over as primary with \(sync) as sync, in generation \
            \(new.generation); \(name(loss.peer)) would be deposed
            """
    }

    private func pause(_ loss: Loss) -> String {
        switch loss.role {
        case .primary: "would pause until the new primary has been promoted and its sync attached"
        case .sync: "would wait until the new sync has attached; none is lost"
        case .async, .unassigned, .deposed, .unknown: "would go on"
        }
    }

    private func stop(_ loss: Loss) -> String {
        switch loss.role {
        case .primary: "writes would stop until \(name(loss.peer)) is back"
        case .sync: "writes would wait until \(name(loss.peer)) is back"
        case .async, .unassigned, .deposed, .unknown: "writes would go on"
        }
    }

    private func hindered(_ loss: Loss) -> String {
        switch loss.role {
        case .primary: "nobody would take over"
        case .sync: "nobody would replace it"
        case .async, .unassigned, .deposed, .unknown: "nobody would take it off the list"
        }
    }
}

extension Explanation.Remark {
    /// The remark on one line.
    package var words: String {
        switch self {
        case .absent:
            "not present: its sitter does not stand for election"
        case .log(let end, let timeline):
            "its log ends at \(end)" + (timeline.map { " on timeline \($0)" } ?? "")
        case .logUnknown:
            "where its log ends is not known; taken to reach the beginning of the generation"
        case .full(let words):
            "its disk is full: \(words); the others do not count on it"
        case .mute(let cause):
            "its sitter did not answer: \(cause)"
        case .silent(let unheard, let heard) where heard.isEmpty:
            "not heard by \(Self.list(unheard)), nor known to be heard by anybody"
        case .silent(let unheard, let heard):
            "not heard by \(Self.list(unheard)), but heard by \(Self.list(heard))"
        case .deposed(let generation, let successor?, let next?):
            """
            was primary in generation \(generation), until \(successor) took over in generation \(next); its \
            log may hold writes that nobody else has, so it serves nobody until its copy is back in line
            """
        case .deposed(let generation, _, _):
            "was primary in generation \(generation); it serves nobody until its copy is back in line"
        }
    }

    private static func list(_ peers: [PeerID]) -> String {
        peers.map(\.description).joined(separator: " and ")
    }
}

extension Explanation.Member {
    /// Whether there is nothing to tell but where its log ends.
    fileprivate var isQuiet: Bool {
        isPresent && reasons.isEmpty && failure == nil
            && remarks.allSatisfy {
                switch $0 {
                case .log, .mute: true
                case .absent, .full, .logUnknown, .silent, .deposed: false
                }
            }
    }
}
