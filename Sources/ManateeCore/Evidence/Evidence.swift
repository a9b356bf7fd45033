/// All that a peer has seen and heard of the others without the store.
///
/// It only gathers and judges; what a judgement leads to is decided by the machine. A peer counts from
/// its first beat on: before that, nothing is held against it.
package struct Evidence: Hashable, Sendable {
    /// What is known of one peer.
    private struct Record: Hashable {
        let peer: PeerID
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

        /// Takes in a beat that says what the last one said, from a peer that was not missed.
        mutating func renew(_ word: PeerWord, at now: Instant, doubt: Duration) -> Bool {
            guard isStreaming, refused == nil, heard.duration(to: now) < doubt,
                sign.duration(to: now) < doubt, self.word == word
            else { return false }
            heard = now
            sign = now
            return true
        }
    }

    private struct Refusal: Hashable {
        var since: Instant
        var count: Int
    }

    /// How many attempts in a row must be refused: one may have met a restart.
    private static let leastRefusals = 2

    private(set) var policy: FailureDetection
    private var doubt: Duration
    /// In order of their names.
    private var records: [Record] = []

    /// No evidence yet.
    package init(_ policy: FailureDetection) {
        self.policy = policy
        doubt = policy.doubt
    }

    /// Judges by `policy` from now on; what was seen and heard stays.
    package mutating func adopt(_ policy: FailureDetection) {
        self.policy = policy
        doubt = policy.doubt
    }

    /// Whether there is anything to judge by.
    package var isEmpty: Bool { records.isEmpty }

    // MARK: What is seen

    /// Takes in what was seen of `peer`.
    package mutating func note(_ seen: Observation, of peer: PeerID, at now: Instant) {
        if case .beat(let word) = seen { return noteBeat(word, of: peer, at: now) }
        guard let index = index(of: peer) else { return }
        switch seen {
        case .beat:
            break
        case .streamLost:
            records[index].isStreaming = false
        case .knocked(.refused, .refused):
            let earlier = records[index].refused
            records[index].refused = Refusal(
                since: earlier?.since ?? now,
                count: (earlier?.count ?? 0) + 1
            )
        case .knocked(_, .answered), .knocked(.answered, _):
            records[index].sign = now
            records[index].refused = nil
        case .knocked(.silent, _), .knocked(_, .silent):
            records[index].refused = nil
        }
    }

    private mutating func noteBeat(_ word: PeerWord, of peer: PeerID, at now: Instant) {
        let index = index(of: peer)
        let restarting = index.flatMap { records[$0].restarting } ?? now
        let record = Record(
            peer: peer,
            word: word,
            heard: now,
            sign: now,
            restarting: word.postgres == .restarting ? restarting : nil
        )
        if let index {
            records[index] = record
        } else {
            records.insert(record, at: records.firstIndex { $0.peer > peer } ?? records.endIndex)
        }
    }

    /// Takes in a beat if no judgement changes by it.
    ///
    /// - Returns: false if it must be noted instead: the word is new, or something was held against
    ///   the peer.
    mutating func renew(_ word: PeerWord, of peer: PeerID, at now: Instant) -> Bool {
        guard let index = index(of: peer) else { return false }
        return records[index].renew(word, at: now, doubt: doubt)
    }

    /// Forgets everybody but `peers`.
    package mutating func keep(_ peers: [Peer]) {
        records.removeAll { record in !peers.contains { $0.id == record.peer } }
    }

    /// This peer stood still until `now`: nobody's silence meanwhile is held against them.
    package mutating func excuse(until now: Instant) {
        for index in records.indices {
            records[index].heard = now
            records[index].sign = now
            records[index].refused = nil
            if records[index].restarting != nil { records[index].restarting = now }
        }
    }

    private func index(of peer: PeerID) -> Int? { records.firstIndex { $0.peer == peer } }

    // MARK: What it amounts to

    /// What `peer` said last; nil if it was never heard.
    package func word(of peer: PeerID) -> PeerWord? { index(of: peer).map { records[$0].word } }

    /// What the evidence about `peer` amounts to.
    package func judgement(of peer: PeerID, at now: Instant) -> Judgement {
        guard let index = index(of: peer) else { return .unheard }
        let record = records[index]
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
        records.filter { isHeard($0, at: now) }.map(\.peer)
    }

    /// The peers that were heard once and are missed now, in order of their names.
    package func missed(at now: Instant) -> [PeerID] {
        records.filter { hasRefused($0, at: now) || $0.sign.duration(to: now) >= doubt }
            .map(\.peer)
    }

    /// When, after `now`, a judgement or a testimony may change by the mere passing of time.
    package func nextChange(after now: Instant) -> Instant? {
        var next: Instant?
        func consider(_ moment: Instant?) {
            guard let moment, moment > now else { return }
            next = next.map { min($0, moment) } ?? moment
        }
        for record in records {
            consider(record.sign.advanced(by: doubt))
            consider(record.sign.advanced(by: policy.silence))
            consider(record.heard.advanced(by: doubt))
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
        record.isStreaming && record.heard.duration(to: now) < doubt
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
        records.first { $0.peer != peer && isHeard($0, at: now) && says($0) }?.peer
    }
}
