/// Why a shard is as it is, and what its peers would do if one of them died now.
///
/// Each answer comes from a machine of the peer that it is about (`Foresight`), shown what would be seen
/// then; only what no machine knows of (silence, the past of a deposed peer) is told from the facts.
package struct Explanation: Equatable, Sendable {
    /// What one peer is and does.
    package struct Member: Equatable, Sendable {
        /// The peer.
        package var peer: Peer
        /// Its role.
        package var role: PeerRole
        /// Whether it stands for election; not known while the store is away.
        package var isPresent: Bool
        /// Whether its postgres answered; nil if nobody asked.
        package var answers: Bool?
        /// What it does, or why it does not.
        package var reasons: [Reason]
        /// Why its process ends; nil if it does not.
        package var failure: FatalReason?
        /// The state that it writes next, by itself; nil if it writes none.
        package var proposal: ClusterState?
        /// What nobody but an onlooker can tell.
        package var remarks: [Remark]
    }

    /// What an onlooker knows of a peer.
    package enum Remark: Equatable, Sendable {
        /// It does not stand for election.
        case absent
        /// It says, in these words, that its disk is full: the others do not count on it.
        case full(String)
        /// Its sitter did not answer, and why: whom it hears is not known.
        case mute(String)
        /// Its log ends here.
        case log(LSN, TimelineID?)
        /// Where its log ends is not known; it is taken to reach the generation's beginning.
        case logUnknown
        /// Some wait for an answer from it in vain, but somebody hears it.
        case silent(unheardBy: [PeerID], heardBy: [PeerID])
        /// It was primary in this generation, until another one took over.
        case deposed(Generation, by: PeerID?, in: Generation?)
    }

    /// What would follow from the death of one peer of the chain.
    package struct Loss: Equatable, Sendable {
        /// The peer that would be dead.
        package var peer: Peer
        /// Its role.
        package var role: PeerRole
        /// What would become of it.
        package var outcome: Outcome
    }

    /// What would become of a loss.
    package enum Outcome: Equatable, Sendable {
        /// This peer would write this state.
        case change(by: Peer, ClusterState)
        /// This peer would have to act, and says why it would not.
        case blocked(Peer, [Reason])
        /// The peer that would have to act is not present itself.
        case absent(Peer)
        /// There is nobody who could act.
        case nobody
        /// Nobody would have to do anything.
        case nothing
    }

    /// The state that is explained.
    package let state: ClusterState
    /// Whether there is no word from the store.
    package let isStoreAway: Bool
    /// The peers that the state names, then others that are present.
    package let members: [Member]
    /// What would follow from the death of each peer of the chain that is present.
    package let losses: [Loss]

    /// Explains what is known.
    package init(_ facts: ShardFacts) {
        let resting = facts.known.map { ($0, Foresight($0, facts)) }
        state = facts.state.state
        isStoreAway = facts.isStoreAway
        members = resting.map { Explanation.member($0.0, $0.1, facts) }
        losses = facts.state.state.chain.filter(facts.present.contains).map { peer in
            Explanation.loss(of: peer, resting, facts)
        }
    }

    private static func member(_ peer: Peer, _ resting: Foresight, _ facts: ShardFacts) -> Member {
        let isPresent = facts.present.contains(peer)
        var foresight = resting
        foresight.see(present: facts.present)
        return Member(
            peer: peer,
            role: facts.state.state.role(of: peer.id),
            isPresent: isPresent,
            answers: facts.peers[peer.id]?.postgres.answers,
            reasons: isPresent ? foresight.reasons.filter { $0.subject != .role } : [],
            failure: isPresent ? foresight.failure : nil,
            proposal: isPresent ? foresight.proposal : nil,
            remarks: remarks(on: peer, facts)
        )
    }

    private static func remarks(on peer: Peer, _ facts: ShardFacts) -> [Remark] {
        let known = facts.peers[peer.id]
        let state = facts.state.state
        var remarks: [Remark] = []
        if let shortage = known?.shortage {
            remarks.append(.full(shortage))
        } else if !facts.isStoreAway, !facts.present.contains(peer) {
            remarks.append(.absent)
        }
        switch state.role(of: peer.id) {
        case .primary, .async, .unassigned, .unknown:
            if let log = known?.log { remarks.append(.log(log, facts.timeline(of: peer))) }
        case .sync:
            // On its log depends whether it may take over.
            if let log = known?.log {
                remarks.append(.log(log, facts.timeline(of: peer)))
            } else if facts.present.contains(peer) {
                remarks.append(.logUnknown)
            }
        case .deposed:
            remarks += state.end(ofReignOf: peer.id).map { [$0] } ?? []
        }
        if let known, !known.unheardBy.isEmpty {
            remarks.append(.silent(unheardBy: known.unheardBy, heardBy: known.heardBy))
        }
        if let mute = known?.mute, facts.present.contains(peer) { remarks.append(.mute(mute)) }
        return remarks
    }

    private static func loss(
        of lost: Peer,
        _ resting: [(Peer, Foresight)],
        _ facts: ShardFacts
    ) -> Loss {
        let role = facts.state.state.role(of: lost.id)
        let left = facts.present.filter { $0 != lost }
        let outcomes = resting.filter { left.contains($0.0) }.map { peer, resting in
            var foresight = resting
            foresight.see(present: left)
            return (peer, foresight)
        }
        let state = facts.state.state
        let responsible = role == .primary ? state.sync : state.primary
        guard let responsible else { return Loss(peer: lost, role: role, outcome: .nobody) }
        guard let (_, foresight) = outcomes.first(where: { $0.0 == responsible }) else {
            return Loss(peer: lost, role: role, outcome: .absent(responsible))
        }
        if let proposal = foresight.proposal {
            return Loss(peer: lost, role: role, outcome: .change(by: responsible, proposal))
        }
        let reasons = foresight.reasons.filter(\.isHindrance)
        let isIdle = reasons.isEmpty && foresight.failure == nil
        return Loss(
            peer: lost,
            role: role,
            outcome: isIdle ? .nothing : .blocked(responsible, reasons)
        )
    }
}

extension ShardFacts {
    /// The timeline of the log of `peer`, as far as anybody says.
    fileprivate func timeline(of peer: Peer) -> TimelineID? {
        peers[peer.id]?.timeline ?? state.state.timeline
    }

    /// Everybody of whom something can be said: whom the state names, then newcomers.
    fileprivate var known: [Peer] { members + present.filter { !members.contains($0) } }
}

extension ClusterState {
    /// The last reign of `peer` that ended, and who ended it; nil if none is told of.
    fileprivate func end(ofReignOf peer: PeerID) -> Explanation.Remark? {
        guard let last = reigns.lastIndex(where: { $0.primary == peer }) else { return nil }
        let next = reigns.indices.contains(last + 1) ? reigns[last + 1] : nil
        return .deposed(reigns[last].generation, by: next?.primary, in: next?.generation)
    }
}

extension Reason {
    /// Whether it tells why something does not happen.
    var isHindrance: Bool {
        switch subject {
        case .refusal, .requestRefusal, .asyncsRefusal, .store, .connection, .postgres, .memory:
            true
        case .role, .change, .request, .asyncs, .doubt, .suspicion, .writes, .reads: false
        }
    }
}
