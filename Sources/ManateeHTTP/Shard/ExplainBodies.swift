import ManateeCore
import ManateePorts
import ManateeWire

/// The shard as one of its peers explains it, and why that peer does what it does.
///
/// It is the explanation of `manatee-adm explain`, made from what was seen of everybody's postgres at the last look
/// and from what the peer itself knows now.
struct ExplainBodies {
    private let snapshot: StatusSnapshot
    /// Nil before there is a cluster state.
    let explanation: Explanation?

    init(_ snapshot: StatusSnapshot, _ picture: ShardPicture?, _ space: SpaceStatus?) {
        self.snapshot = snapshot
        explanation = Self.facts(snapshot, picture, space).map { Explanation($0) }
    }

    private static func facts(
        _ snapshot: StatusSnapshot,
        _ picture: ShardPicture?,
        _ space: SpaceStatus?
    ) -> ShardFacts? {
        let view = snapshot.view
        guard let state = view.state else { return nil }
        var facts = ShardFacts(
            state: state,
            present: view.activePeers,
            isStoreAway: !view.storeConnected,
            peers: picture?.facts?.peers ?? [:],
            time: snapshot.now
        )
        facts.note(view.id, hears: view.hears, misses: view.misses)
        // The last word of a peer that is not heard any more tells nothing of now.
        for sighting in view.judgements where view.hears.contains(sighting.id) {
            guard let word = sighting.word else { continue }
            facts.note(sighting.id, hears: word.hears, misses: word.misses)
        }
        var own = facts.peers[view.id] ?? ShardFacts.PeerFacts()
        tell(snapshot.postgres, view.role, &own)
        if let space, space.level >= .critical {
            own.shortage = space.space?.shortage ?? "hardly anything can be written"
        }
        facts.peers[view.id] = own
        return facts
    }

    /// Of its own postgres the peer knows best.
    private static func tell(
        _ postgres: PostgresStatus,
        _ role: PeerRole,
        _ own: inout ShardFacts.PeerFacts
    ) {
        switch postgres.healthy {
        case false?: own.postgres = .lost(postgres.error ?? "it does not answer")
        case true? where role != .deposed: own.postgres = .asAsked
        case true?, nil: break
        }
        guard own.log == nil, let position = postgres.position else { return }
        own.log = position.lsn
        own.timeline = position.timeline
    }

    /// For programs: the object of `manatee-adm explain -o json`, and the peer's own reasons as `self`.
    var json: JSONValue {
        let shard = snapshot.context.shard
        guard let explanation,
            case .object(var body) = ExplanationJSON.value(explanation, cluster: shard)
        else { return .object(["cluster": .string(shard), "self": own]) }
        body["self"] = own
        return .object(body)
    }

    private var own: JSONValue {
        let view = snapshot.view
        return .object([
            "id": .string(view.id.text),
            "role": .string(view.role.rawValue),
            "generation": .optional(view.generation?.number),
            "pending": .array(view.pending.map { .string($0.rawValue) }),
            "reasons": .array(
                view.reasons.map {
                    .object([
                        "reason": .string($0.label),
                        "weight": .string($0.weight.rawValue),
                        "text": .string($0.description),
                    ])
                }
            ),
        ])
    }

    /// For people: the text of `manatee-adm explain`, and the peer's own reasons.
    var text: String {
        let view = snapshot.view
        let shard = explanation?.text ?? "there is no cluster state yet\n"
        let reasons = view.reasons.map { explanation?.named("\($0)") ?? "\($0)" }
        let own = (reasons + view.pending.map { "pending: \($0.rawValue)" }).map { "  \($0)\n" }
        return "\(shard)\n\(snapshot.context.peer.label) says:\n\(own.joined())"
    }
}
