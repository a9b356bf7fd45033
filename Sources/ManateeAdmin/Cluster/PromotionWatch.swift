import ManateeCore
import ManateePorts

/// The wait for the sitters to carry a promotion out.
struct PromotionWatch: Sendable {
    /// For how long the state is looked at at most, whatever the clock does.
    private static let longest = Duration.seconds(60)

    let plan: PromotionPlan
    /// The request as it was written.
    let request: JSONValue
    /// When the sitters no longer heed it, in milliseconds since 1970.
    let expiry: Int64
    /// How long to wait between two looks at the state.
    let period: Duration

    /// How a promotion ended that was carried out.
    struct Outcome: Equatable, Sendable {
        /// The generation in which the peer has its new place.
        var generation: Generation
        /// How long the primary's handover was seen to take; nil if none was seen.
        var handover: Duration?
    }

    /// What a look at the state showed.
    private enum Sight: Equatable {
        case promoted(Generation)
        /// The primary hands over to the peer.
        case underWay
        /// The primary was to hand over to the peer, and has taken it back.
        case takenBack
        /// The request is still there.
        case pending
        /// The request is gone or another one's, and the peer has not moved up.
        case ignored
        /// Nothing could be seen, and why.
        case unknown(String)
    }

    /// Returns as soon as the peer is promoted.
    ///
    /// - Throws: `AdmFailure` if it is not when the request expires, or if the primary has taken its
    ///   handover back.
    func wait(on target: ShardTarget, in session: AdmSession) async throws -> Outcome {
        do {
            return try await session.withShard(target) { try await outcome($0, session) }
        } catch AdmFailure.storeUnreachable(let why) {
            throw try failure(.unknown(why), session)
        }
    }

    private func outcome(
        _ shard: any ShardAdministration,
        _ session: AdmSession
    ) async throws -> Outcome {
        var sight = Sight.pending
        var announced: Int64?
        for _ in 0..<Int(Self.longest / period) {
            let wasUnderWay = sight == .underWay
            sight = await look(shard)
            let now = session.ports.now()
            switch sight {
            case .promoted(let generation):
                let handover = announced.map { Duration.milliseconds(now - $0) }
                return Outcome(generation: generation, handover: handover)
            case .underWay:
                announced = announced ?? now
            case .ignored where wasUnderWay:
                throw try failure(.takenBack, session)
            case .takenBack, .pending, .ignored, .unknown:
                break
            }
            if now >= expiry, sight != .underWay { break }
            try await session.ports.pause(period)
        }
        throw try failure(sight, session)
    }

    private func look(_ shard: any ShardAdministration) async -> Sight {
        do {
            guard let stored = try await shard.readState() else {
                return .unknown("the cluster state is gone")
            }
            let state = try StoredJSON.state(stored.data)
            if state.promote == request { return .pending }
            if state.standingHandover?.to == plan.peer.id { return .underWay }
            return plan.isCarriedOut(in: state) ? .promoted(state.generation) : .ignored
        } catch let failure as AdmFailure {
            return .unknown(failure.message)
        } catch {
            return .unknown("\(error)")
        }
    }

    /// Tells what was seen last.
    private func failure(_ sight: Sight, _ session: AdmSession) throws -> AdmFailure {
        let name = plan.peer.label
        let role = plan.slot.role.rawValue
        let warning: String
        switch sight {
        case .underWay:
            warning = "the handover to peer \"\(name)\" is still under way"
        case .takenBack:
            return AdmFailure.timeRanOut(
                "the primary has taken the handover back: peer \"\(name)\" did not take over in time, or "
                    + "something came between; the primary's log says what"
            )
        case .promoted, .pending:
            warning =
                "the cluster state has not changed in time: peer \"\(name)\" is still \(role), and "
                + "the request has expired; remove it with \"manatee-adm clear-promote\""
        case .ignored:
            warning =
                "the request was ignored: it is gone, and peer \"\(name)\" has not moved up; others "
                + "changed the cluster state, or the request could not be carried out"
        case .unknown(let why):
            warning = "the cluster state cannot be read: \(why)"
        }
        try session.remark("warning: \(warning)\n")
        return AdmFailure.timeRanOut(
            "the promotion of peer \"\(name)\" was not seen before its request expired"
        )
    }
}
