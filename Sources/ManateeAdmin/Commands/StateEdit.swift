import ManateeCore
import ManateePorts
import ManateeWire

/// An operator's change of the cluster state, made on the stored JSON so that nothing else in it
/// is touched (rule S11).
struct StateEdit: Sendable {
    /// How often the change is tried: once more after somebody else wrote in between.
    private static let attempts = 2

    /// The field that is changed: whether it is as it was written tells whether a write whose
    /// answer was lost took place.
    let field: String
    /// Makes the change.
    ///
    /// - Throws: `AdmFailure` if the state does not allow it.
    let apply: @Sendable (inout [String: JSONValue]) throws -> Void

    /// Reads, changes and writes the state.
    ///
    /// - Throws: `AdmFailure`.
    func carryOut(on target: ShardTarget, in session: AdmSession) async throws {
        try await session.withShard(target) { store in
            for _ in 1...Self.attempts where try await attempt(store, target) { return }
            throw AdmFailure.operation(
                "the cluster state of shard \"\(target.shard)\" was changed by others "
                    + "\(Self.attempts) times in a row; nothing was written, try again"
            )
        }
    }

    /// Reads the state and makes the change, but writes nothing: whether it is worth asking.
    ///
    /// - Throws: `AdmFailure`.
    func rehearse(on target: ShardTarget, in session: AdmSession) async throws {
        try await session.withShard(target) { store in
            var fields = try await read(store, target).fields
            try apply(&fields)
        }
    }

    /// Whether the change is made; if not, it may be tried again.
    private func attempt(
        _ store: any ShardAdministration,
        _ target: ShardTarget
    ) async throws -> Bool {
        let (stored, before) = try await read(store, target)
        var fields = before
        try apply(&fields)
        let data = JSONText.write(.object(fields))
        switch await store.replaceState(data, expecting: stored.version) {
        case .written:
            return true
        case .conflict:
            return false
        case .refused(let why):
            throw AdmFailure.operation("cannot write the cluster state: \(why)")
        case .unknown(let why):
            return try await settle(store, target, fields[field], why)
        }
    }

    /// Finds out by reading whether a write whose answer was lost took place.
    private func settle(
        _ store: any ShardAdministration,
        _ target: ShardTarget,
        _ written: JSONValue?,
        _ why: String
    ) async throws -> Bool {
        do {
            return try await read(store, target).fields[field] == written
        } catch let failure as ShardAccessFailure {
            throw AdmFailure.storeUnreachable(
                "the answer to the write was lost (\(why)), and whether it took place could not "
                    + "be read (\(failure.detail)); look with \"manatee-adm show\""
            )
        }
    }

    private func read(
        _ store: any ShardAdministration,
        _ target: ShardTarget
    ) async throws -> (stored: StoredState, fields: [String: JSONValue]) {
        guard let stored = try await store.readState() else { throw target.missingState }
        guard case .object(let fields) = try StoredJSON.value(stored.data, "the cluster state")
        else {
            throw AdmFailure.operation("the cluster state is not a JSON object; repair it first")
        }
        return (stored, fields)
    }
}
