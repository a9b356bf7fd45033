/// All that a peer has seen and heard of the others without the store.
///
/// It only gathers and judges; what a judgement leads to is decided by the machine. A peer counts from
/// its first beat on: before that, nothing is held against it.
package struct Evidence: Hashable, Sendable {
    /// What is known of one peer.
    private struct Record: Hashable {
        var word: PeerWord
        /// Whether its stream of beats is up.
        var isStreaming = true
        /// When it said something last.
        var heard: Instant
        /// When it, or its postgres, gave the last sign of life.
        var sign: Instant
        /// Since when its postgres has been restarting; nil if it is not.
        var restarting: Instant?
        /// Since when both of its ports have refused, and how often; nil if one of them did not.
        var refused: Refusal?
    }

    private struct Refusal: Hashable {
        var since: Instant
        var count: Int
    }

    /// How many attempts in a row must be refused: one may have met a restart.
    private static let leastRefusals = 2

    private(set) var policy: FailureDetection
    private var records: [PeerID: Record] = [:]

    /// No evidence yet.
    package init(_ policy: FailureDetection) {
        self.policy = policy
    }

    /// Judges by `policy` from now on; what was seen and heard stays.
    package mutating func adopt(_ policy: FailureDetection) { self.policy = policy }

    /// Whether there is anything to judge by.
    package var isEmpty: Bool { records.isEmpty }

    // MARK: What is seen

    /// Takes in what was seen of `peer`.
    package mutating func note(_ seen: Observation, of peer: PeerID, at now: Instant) {
        switch seen {
        case .beat(let word):
            let restarting = word.postgres == .restarting ? records[peer]?.restarting ?? now : nil
            records[peer] = Record(word: word, heard: now, sign: now, restarting: restarting)
        case .streamLost:
            records[peer]?.isStreaming = false
        case .knocked(.refused, .refused):
            let since = records[peer]?.refused?.since ?? now
            let count = records[peer]?.refused?.count ?? 0
            records[peer]?.refused = Refusal(since: since, count: count + 1)
        case .knocked(_, .answered), .knocked(.answered, _):
            records[peer]?.sign = now
            records[peer]?.refused = nil
        case .knocked(.silent, _), .knocked(_, .silent):
            records[peer]?.refused = nil
        }
    }

    /// Forgets everybody but `peers`.
    package mutating func keep(_ peers: [Peer]) {
        let kept = Set(peers.map(\.id))
        records = records.filter { kept.contains($0.key) }
    }

    /// This peer stood still until `now`: nobody's silence meanwhile is held against them.
    package mutating func excuse(until now: Instant) {
        for peer in records.keys {
            records[peer]?.heard = now
            records[peer]?.sign = now
            records[peer]?.refused = nil
            if records[peer]?.restarting != nil { records[peer]?.restarting = now }
        }
    }

    // MARK: What it amounts to

    /// What `peer` said last; nil if it was never heard.
    package func word(of peer: PeerID) -> PeerWord? { records[peer]?.word }

    /// What the evidence about `peer` amounts to.
    package func judgement(of peer: PeerID, at now: Instant) -> Judgement {
        guard let record = records[peer] else { return .unheard }
        if case .ended(let seen) = record.word.postgres { return .gone(.ownWord(seen)) }
        if hasRefused(record, at: now) {
            if let witness = witness({ $0.word.hears.contains(peer) }, to: peer, at: now) {
                return .suspected(.refusedHere(heardBy: witness))
            }
            return .gone(.refused(policy.refusal))
        }
        if record.sign.duration(to: now) >= policy.silence {
            return .suspected(.silent(policy.silence, testimony(on: peer, at: now)))
        }
        if let since = record.restarting, since.duration(to: now) >= policy.restartBudget {
            return .suspected(.notBack(policy.restartBudget))
        }
        return .alive
    }

    /// The peers that are heard now, in order of their names.
    package func heard(at now: Instant) -> [PeerID] {
        records.filter { isHeard($0.value, at: now) }.keys.sorted()
    }

    /// The peers that were heard once and are missed now, in order of their names.
    package func missed(at now: Instant) -> [PeerID] {
        records.filter { peer, record in
            hasRefused(record, at: now) || record.sign.duration(to: now) >= policy.doubt
        }.keys.sorted()
    }

    /// When, after `now`, a judgement or a testimony may change by the mere passing of time.
    package func nextChange(after now: Instant) -> Instant? {
        var next: Instant?
        func consider(_ moment: Instant?) {
            guard let moment, moment > now else { return }
            next = next.map { min($0, moment) } ?? moment
        }
        for record in records.values {
            consider(record.sign.advanced(by: policy.doubt))
            consider(record.sign.advanced(by: policy.silence))
            consider(record.heard.advanced(by: policy.doubt))
            consider(record.restarting?.advanced(by: policy.restartBudget))
            consider(record.refused?.since.advanced(by: policy.refusal))
        }
        return next
    }

    private func hasRefused(_ record: Record, at now: Instant) -> Bool {
        guard let refused = record.refused, refused.count >= Self.leastRefusals else {
            return false
        }
        return refused.since.duration(to: now) >= policy.refusal
    }

    private func isHeard(_ record: Record, at now: Instant) -> Bool {
        record.isStreaming && record.heard.duration(to: now) < policy.doubt
    }

    private func testimony(on peer: PeerID, at now: Instant) -> Judgement.Testimony {
        if let witness = witness({ $0.word.hears.contains(peer) }, to: peer, at: now) {
            return .heard(by: witness)
        }
        if let witness = witness({ $0.word.misses.contains(peer) }, to: peer, at: now) {
            return .missed(by: witness)
        }
        return .none
    }

    /// The first peer, by name, that is heard and says so of `peer`.
    private func witness(
        _ says: (Record) -> Bool,
        to peer: PeerID,
        at now: Instant
    ) -> PeerID? {
        records.filter { $0.key != peer && isHeard($0.value, at: now) && says($0.value) }
            .keys.min()
    }
}
