import ManateeCore
import ManateePorts

/// The wait for the sitters to carry a promotion out.
struct PromotionWatch: Sendable {
    /// How long to wait between two looks at the state.
    private static let period = Duration.seconds(1)
    /// How often the state is looked at at most, whatever the clock does.
    private static let mostRounds = 60

    let plan: PromotionPlan
    /// The request as it was written.
    let request: JSONValue
    /// When the sitters no longer heed it, in milliseconds since 1970.
    let expiry: Int64

    /// What a look at the state showed.
    private enum Sight: Equatable {
        case promoted
        /// The request is still there.
        case pending
        /// The request is gone or another one's, and the peer has not moved up.
        case ignored
        /// Nothing could be seen, and why.
        case unknown(String)
    }

    /// Returns as soon as the peer is promoted.
    ///
    /// - Throws: `AdmFailure` if it is not when the request expires.
    func wait(on target: ShardTarget, in session: AdmSession) async throws {
        do {
            let last = try await session.withShard(target) { try await lastSight($0, session) }
            try report(last, session)
        } catch AdmFailure.storeUnreachable(let why) {
            try report(.unknown(why), session)
        }
    }

    private func lastSight(
        _ shard: any ShardAdministration,
        _ session: AdmSession
    ) async throws -> Sight {
        var sight = Sight.pending
        for _ in 0..<Self.mostRounds {
            sight = await look(shard)
            if sight == .promoted || session.ports.now() >= expiry { break }
            try await session.ports.pause(Self.period)
        }
        return sight
    }

    private func look(_ shard: any ShardAdministration) async -> Sight {
        do {
            guard let stored = try await shard.readState() else {
                return .unknown("the cluster state is gone")
            }
            let state = try StoredJSON.state(stored.data)
            if state.promote == request { return .pending }
            return plan.isCarriedOut(in: state) ? .promoted : .ignored
        } catch let failure as AdmFailure {
            return .unknown(failure.message)
        } catch {
            return .unknown("\(error)")
        }
    }

    private func report(_ sight: Sight, _ session: AdmSession) throws {
        let name = plan.peer.label
        let role = plan.slot.role.rawValue
        let warning: String
        switch sight {
        case .promoted:
            return
        case .pending:
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
        throw AdmFailure.timeRanOut(
            "the promotion of peer \"\(name)\" was not seen before its request expired"
        )
    }
}
