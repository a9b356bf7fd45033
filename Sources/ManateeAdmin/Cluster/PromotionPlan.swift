import ManateeCore
import ManateePorts

/// A peer that an operator wants promoted, found in the cluster state.
struct PromotionPlan: Equatable, Sendable {
    /// What a command line asks for.
    struct Wish: Equatable, Sendable {
        /// The role that the peer has now.
        var role: String
        /// The peer's name.
        var zoneName: String
        /// The peer's place among the asyncs; nil where it is not told.
        var asyncIndex: Int?
    }

    /// The place in the chain from which a peer is promoted.
    enum Slot: Equatable, Sendable {
        case sync
        case async(Int)

        /// Who has this place.
        func occupant(in state: ClusterState) -> Peer? {
            switch self {
            case .sync: state.sync
            case .async(let index):
                state.async.indices.contains(index) ? state.async[index] : nil
            }
        }

        /// How far down the chain it is; the primary is at 0.
        var place: Int {
            switch self {
            case .sync: 1
            case .async(let index): index + 2
            }
        }

        /// The role that goes with it, by the name that operators use.
        var role: MemberRole {
            switch self {
            case .sync: .sync
            case .async: .async
            }
        }
    }

    /// The peer.
    let peer: Peer
    /// Its place, which it is to leave.
    let slot: Slot

    /// Finds the peer that `wish` speaks of.
    ///
    /// - Throws: `AdmFailure` if the state does not allow the wish.
    init(_ wish: Wish, in state: ClusterState) throws(AdmFailure) {
        slot = try Self.slot(wish, in: state)
        let known = state.chain + state.deposed
        guard known.contains(where: { $0.zoneID == wish.zoneName }) else {
            throw .operation("no peer is called \"\(wish.zoneName)\"; see \"manatee-adm peers\"")
        }
        guard let occupant = slot.occupant(in: state), occupant.zoneID == wish.zoneName else {
            throw .operation("peer \"\(wish.zoneName)\" is not \(Self.name(of: slot))")
        }
        peer = occupant
        if let freeze = state.freeze {
            throw .operation("cluster is frozen: \(freeze.reason ?? "unknown")")
        }
        guard !state.oneNodeWriteMode else {
            throw .operation("cluster is in singleton (one-node-write) mode")
        }
    }

    private static func slot(
        _ wish: Wish,
        in state: ClusterState
    ) throws(AdmFailure) -> Slot {
        switch MemberRole(rawValue: wish.role) {
        case .sync:
            guard wish.asyncIndex == nil else {
                throw .operation("asyncIndex is for promotion of an \"async\" only")
            }
            return .sync
        case .async:
            if let index = wish.asyncIndex { return .async(index) }
            guard state.async.count == 1 else {
                throw .operation(
                    state.async.isEmpty
                        ? "cluster has no async peers"
                        : "promotion of \"async\" is ambiguous: the cluster has "
                            + "\(state.async.count) of them (asyncIndex required)"
                )
            }
            return .async(0)
        case .primary, .deposed, nil:
            throw .operation("promotion of \"\(wish.role)\" is invalid")
        }
    }

    private static func name(of slot: Slot) -> String {
        switch slot {
        case .sync: "the sync"
        case .async(let index): "the async with index \(index)"
        }
    }

    /// Whether the peer has moved up the chain.
    func isCarriedOut(in state: ClusterState) -> Bool {
        state.chain.firstIndex(of: peer).map { $0 < slot.place } ?? false
    }

    /// The request as the cluster state holds it.
    func request(generation: Generation, expiresAt milliseconds: Int64) -> JSONValue {
        var fields: [String: JSONValue] = [
            "id": .string(peer.id.text),
            "role": .string(slot.role.rawValue),
            "generation": .integer(Int64(generation.number)),
            "expireTime": .string(Timestamp(milliseconds: milliseconds).text),
        ]
        switch slot {
        case .sync: break
        case .async(let index): fields["asyncIndex"] = .integer(Int64(index))
        }
        return .object(fields)
    }

    /// What speaks against a promotion in this cluster, one line each; lags up to `lagToIgnore`
    /// seconds do not.
    static func warnings(_ details: ClusterDetails, lagToIgnore: Int) -> [String] {
        let standbys = details.members.filter { $0.role == .sync || $0.role == .async }
        let lags = standbys.compactMap { member -> String? in
            let name = "\(member.role.rawValue) peer \"\(member.peer.label)\""
            guard case .answered(let report)? = details.postgres[member.peer.id],
                let lag = report.replayLag
            else { return "warning: \(name): the lag is not known" }
            guard lag > .seconds(lagToIgnore) else { return nil }
            return
                "warning: \(name): the last commit that it replayed is \(LagText(lag).text) old, "
                + "more than \(lagToIgnore)s"
        }
        return ClusterVerdict(details).issues.map(\.line) + lags
    }
}
