import ManateeCore

/// A shard to explain, by the name of the file that tells what is said of it.
enum ExplainedSituation: String, CaseIterable {
    case healthy
    case noAsync
    case syncBehind
    case wrongTimeline
    case frozen
    case storeGone
    case silentPrimary
    case diskFull
    case deposed
    case promotionPending
    case handover
    case twoFaults
    case postgresFails
    case sitterMute
    case syncGone
    case threeFaults
    case oneNodeWrite
    case spared

    /// Those that the page for operators shows.
    static let documented: [Self] = [
        .healthy, .noAsync, .syncBehind, .frozen, .storeGone, .silentPrimary, .diskFull, .deposed,
        .promotionPending, .twoFaults,
    ]

    static let alpha = peer("alpha", 1)
    static let bravo = peer("bravo", 2)
    static let charlie = peer("charlie", 3)
    static let delta = peer("delta", 4)

    var facts: ShardFacts {
        var facts = Self.healthyFacts
        switch self {
        case .healthy:
            break
        case .noAsync:
            facts.state.state.async = []
            facts.present.removeLast()
        case .syncBehind:
            facts.peers[Self.bravo.id]?.log = LSN(0x3000)
        case .wrongTimeline:
            facts.peers[Self.bravo.id]?.timeline = TimelineID(1)
        case .frozen:
            facts.state.state.freeze = .explained([
                "date": .string("2026-03-01T11:00:00.000Z"), "reason": .string("CM-129: new disks"),
            ])
        case .storeGone:
            facts.isStoreAway = true
        case .silentPrimary:
            facts.peers[Self.alpha.id]?.unheardBy = [Self.bravo.id]
            facts.peers[Self.alpha.id]?.heardBy = [Self.charlie.id]
        case .diskFull:
            // Whoever says so is not counted on.
            facts.present.remove(at: 1)
            facts.peers[Self.bravo.id]?.shortage = "812 MB free of 102400 MB"
        case .spared:
            facts.present.remove(at: 0)
            facts.peers[Self.alpha.id]?.shortage = "812 MB free of 102400 MB"
            facts.peers[Self.alpha.id]?.heardBy = [Self.bravo.id]
            facts.peers[Self.charlie.id]?.postgres = .lost("it is being copied")
            facts.peers[Self.charlie.id]?.heardBy = [Self.bravo.id]
        case .deposed:
            facts.state.state.deposed = [Self.delta]
            facts.present.append(Self.delta)
        case .promotionPending:
            facts.state.state.promote = .object([
                "id": .string(Self.bravo.id.text), "role": .string("sync"),
                "generation": .integer(3), "expireTime": .string("2026-03-01T12:00:30.000Z"),
            ])
        case .handover:
            facts.state.state.handover = Handover(
                from: Self.alpha.id,
                to: Self.bravo.id,
                generation: Generation(3),
                expireTime: WallTime(milliseconds: 1_772_366_430_000)
            )
        case .twoFaults:
            facts.present = [Self.bravo]
            facts.peers[Self.alpha.id] = .init(postgres: .lost("EHOSTUNREACH"))
            facts.peers[Self.charlie.id] = .init(postgres: .lost("EHOSTUNREACH"))
        case .postgresFails:
            let seen = "cannot copy the database to /data: no space left on device"
            facts.peers[Self.bravo.id]?.postgres = .failed(PostgresFailure(.noSpace, seen))
        case .sitterMute:
            facts.peers[Self.charlie.id]?.mute = "timed out"
        case .syncGone:
            facts.present.remove(at: 1)
            facts.peers[Self.bravo.id] = .init(postgres: .lost("ECONNREFUSED"))
        case .threeFaults:
            facts.present = [Self.bravo, Self.charlie]
            facts.peers[Self.bravo.id]?.postgres = .lost("ECONNREFUSED")
        case .oneNodeWrite:
            facts.state.state.oneNodeWriteMode = true
            facts.state.state.sync = nil
            facts.state.state.async = []
            facts.present = [Self.alpha]
        }
        return facts
    }

    private static var healthyFacts: ShardFacts {
        var state = ClusterState(
            generation: Generation(3),
            primary: alpha,
            sync: bravo,
            async: [charlie],
            deposed: [],
            initWAL: LSN(0x5000),
            initTimeline: TimelineID(2),
            timeline: TimelineID(3)
        )
        state.reigns = [
            Reign(generation: Generation(2), primary: delta.id, initWAL: .zero, timeline: nil),
            state.reign,
        ]
        var peers: [PeerID: ShardFacts.PeerFacts] = [:]
        for peer in [alpha, bravo, charlie] {
            peers[peer.id] = .init(postgres: .asAsked, log: LSN(0x6000))
        }
        return ShardFacts(
            state: VersionedState(state, version: StateVersion(7)),
            present: [alpha, bravo, charlie],
            peers: peers,
            time: WallTime(milliseconds: 1_772_366_400_000)
        )
    }

    private static func peer(_ name: String, _ number: Int) -> Peer {
        Peer(
            id: PeerID("10.0.0.\(number):5432:12345"),
            ip: "10.0.0.\(number)",
            postgresURL: "tcp://postgres@10.0.0.\(number):5432/postgres",
            zoneID: name,
            backupURL: nil,
            heartbeatPort: 5434
        )
    }
}
