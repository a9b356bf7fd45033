/// What the evidence about a peer amounts to.
package enum Judgement: Hashable, Sendable {
    /// It was never heard: the election alone tells whether it is there.
    case unheard
    /// Nothing speaks against it.
    case alive
    /// It is gone; that is acted on at once.
    case gone(Proof)
    /// It may be gone.
    case suspected(Suspicion)

    /// What a judgement comes to, without its grounds.
    package enum Kind: String, CaseIterable, Sendable {
        /// It was never heard.
        case unheard
        /// Nothing speaks against it.
        case alive
        /// It may be gone.
        case suspected
        /// It is gone.
        case gone
    }

    /// What the judgement comes to.
    package var kind: Kind {
        switch self {
        case .unheard: .unheard
        case .alive: .alive
        case .suspected: .suspected
        case .gone: .gone
        }
    }

    /// What leaves no doubt that a peer does not serve.
    package enum Proof: Hashable, Sendable {
        /// Its own word: its postgres is gone.
        case ownWord(String)
        /// Its host refuses connections to postgres and to the sitter, for this long.
        case refused(Duration)
    }

    /// What may have another cause.
    package enum Suspicion: Hashable, Sendable {
        /// Its ports refuse this peer, but another one hears it.
        case refusedHere(heardBy: PeerID)
        /// Nothing was heard of it for this long; what the others say.
        case silent(Duration, Testimony)
        /// Its postgres was lost and did not come back within this time.
        case notBack(Duration)
    }

    /// What the other peers say about a silent one.
    package enum Testimony: Hashable, Sendable {
        /// Nobody who is heard says anything.
        case none
        /// This peer misses it, too, and nobody hears it.
        case missed(by: PeerID)
        /// This peer hears it.
        case heard(by: PeerID)
    }
}

extension Judgement: CustomStringConvertible {
    /// The judgement as it follows the name of the peer.
    package var description: String {
        switch self {
        case .unheard: "has not been heard"
        case .alive: "is alive"
        case .gone(let proof): proof.description
        case .suspected(let suspicion): suspicion.description
        }
    }
}

extension Judgement.Proof: CustomStringConvertible {
    /// The proof as it follows the name of the peer.
    package var description: String {
        switch self {
        case .ownWord(let seen): "says that its postgres is gone (\(seen))"
        case .refused(let time):
            "refuses connections to postgres and sitter for \(time.inSeconds)"
        }
    }
}

extension Judgement.Suspicion: CustomStringConvertible {
    /// The suspicion as it follows the name of the peer.
    package var description: String {
        switch self {
        case .refusedHere(let witness): "refuses connections from here, but \(witness) hears it"
        case .silent(let time, .none):
            "is silent for \(time.inSeconds), not corroborated by anybody"
        case .silent(let time, .missed(let witness)):
            "is silent for \(time.inSeconds), and \(witness) misses it, too"
        case .silent(let time, .heard(let witness)):
            "is silent for \(time.inSeconds) here, but \(witness) hears it"
        case .notBack(let time): "lost its postgres, which is not back after \(time.inSeconds)"
        }
    }
}

extension Duration {
    /// The span in seconds, with as many of three places as it needs.
    package var inSeconds: String {
        let (seconds, attoseconds) = components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        guard milliseconds != 0 else { return "\(seconds) s" }
        var places = String(milliseconds)
        while places.count < 3 { places = "0" + places }
        while places.hasSuffix("0") { places.removeLast() }
        return "\(seconds).\(places) s"
    }
}
