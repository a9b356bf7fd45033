import ManateeCore
import ManateePorts
import ManateeWire

/// Asking the sitters for a promotion, and waiting until they have carried it out.
struct PromotionRequest: Sendable {
    /// How long the sitters have, in milliseconds.
    private static let term: Int64 = 30_000

    /// Who is to be promoted.
    let plan: PromotionPlan
    /// The state in which that was decided: nothing is asked for in another.
    let state: ClusterState

    static let changed = AdmFailure.operation(
        "state has unexpectedly changed; nothing was written"
    )

    /// Writes the request and waits for its end.
    ///
    /// - Throws: `AdmFailure` if the state is another one, or if the promotion is not seen in time.
    func carryOut(
        on target: ShardTarget,
        in session: AdmSession,
        lookingEvery period: Duration
    ) async throws -> PromotionWatch.Outcome {
        let expiry = session.ports.now() + Self.term
        let request = plan.request(generation: state.generation, expiresAt: expiry)
        let before = ClusterStateJSON.encode(state)
        try await StateEdit(field: "promote") { fields in
            let now = try StoredJSON.state(.object(fields))
            guard ClusterStateJSON.encode(now) == before else { throw Self.changed }
            fields["promote"] = request
        }.carryOut(on: target, in: session)
        return try await PromotionWatch(
            plan: plan,
            request: request,
            expiry: expiry,
            period: period
        ).wait(on: target, in: session)
    }
}
