extension Explanation {
    /// The explanation for somebody who knows what a primary and a standby are; lines end with a newline.
    package var text: String {
        let parts =
            [headline] + [members.map(words).joined()]
            + losses.map { "if \($0.role.rawValue) \($0.peer.label) died now:\n" + words($0) }
        return parts.joined(separator: "\n")
    }

    private var headline: String {
        let start = state.start.map { "\($0)" } ?? "\(state.initWAL)"
        var lines = ["generation \(state.generation), which began at \(start)"]
        lines.append(chain)
        if let freeze = state.freeze {
            let date = freeze.date.map { " since \($0)" } ?? ""
            lines.append("frozen\(date): \(freeze.reason ?? "no reason was given")")
            lines.append("nobody changes roles until it is unfrozen (manatee-adm unfreeze)")
        }
        if let handover = state.handover {
            lines.append("a handover is under way from \(handover.from) to \(handover.to)")
            lines.append("what follows is for the case that it is undone")
        }
        if state.oneNodeWriteMode {
            lines.append("one-node-write mode: the primary acknowledges writes alone")
        }
        if isStoreAway {
            lines.append("the store does not answer: this is what was last known")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private var chain: String {
        let sync = state.sync.map { " -> \($0.label)" } ?? ""
        return "writes go \(state.primary.label)\(sync)"
            + state.async.map { " -> \($0.label)" }.joined()
            + (state.sync == nil
                ? "" : "; a commit is acknowledged when the first two have it on disk")
    }

    private func words(_ member: Member) -> String {
        var lines = member.remarks.map { $0.words }
        lines += member.reasons.map { "\($0)" }
        if let failure = member.failure { lines.append("its sitter ends: \(failure)") }
        if member.isPresent, member.reasons.isEmpty, member.failure == nil {
            lines.append("nothing to do now")
        }
        return "\(member.role.rawValue) \(member.peer.label) (\(member.peer.id))\n"
            + lines.map { "  \($0)\n" }.joined()
    }

    private func words(_ loss: Loss) -> String {
        let (happens, consequence) = consequence(of: loss)
        let isServing = isStoreAway || members.contains { $0.role == .primary && $0.isPresent }
        let writes =
            isServing ? consequence : "writes stand still already: the primary is not present"
        return "  \(happens)\n  \(writes)\n"
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
                "\(hindered(loss)): \(actor.label) would say \"\(why)\"", stop(loss)
            )
        case .absent(let actor):
            return (
                "\(hindered(loss)): \(actor.label), which would have to, is not present",
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
                return "\(actor.label) would hand over to \(handover.to) first, as asked"
            }
            return new.async.contains(loss.peer) || loss.role != .async
                ? "\(actor.label) would write the state anew, with the same primary and sync"
                : "\(actor.label) would take it off the list of asyncs"
        }
        let sync = new.sync?.label ?? "nobody"
        if new.primary == state.primary {
            return "\(actor.label) would take \(sync) as sync, in generation \(new.generation)"
        }
        return """
            \(actor.label) would take over as primary with \(sync) as sync, in generation \
            \(new.generation); \(loss.peer.label) would be deposed
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
        case .primary: "writes would stop until \(loss.peer.label) is back"
        case .sync: "writes would wait until \(loss.peer.label) is back"
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
        case .silent(let unheard, let heard) where heard.isEmpty:
            "silent: \(Self.list(unheard)) cannot reach it, and nobody is known to hear it"
        case .silent(let unheard, let heard):
            """
            silent, but not corroborated: \(Self.list(unheard)) cannot reach it, but \(Self.list(heard)) can, \
            so silence alone makes nobody take its place
            """
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
        peers.map(\.description).joined(separator: ", ")
    }
}
