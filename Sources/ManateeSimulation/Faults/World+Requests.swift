import ManateeCore

/// What operators ask for, right and wrong.
extension World {
    /// Writes a request to promote, as any tool would.
    ///
    /// Where nothing goes wrong, operators look before they ask: a peer that is still copying cannot stand
    /// in for another.
    mutating func request(_ fault: Fault, _ peer: Int) {
        guard let state = store.value?.state, !plan.isRequestsOnly || isChainStreaming(state) else {
            return
        }
        let promote: JSONValue?
        switch fault.kind {
        case .requestSync:
            promote = state.sync.map { request(for: $0, in: state, within: fault.span) }
        case .requestAsync:
            let asked = state.async.isEmpty ? nil : state.async[peer % state.async.count]
            promote = asked.map { request(for: $0, in: state, within: fault.span) }
        case _:
            promote = nonsense(peer, in: state, fault.span)
        }
        guard let promote else { return }
        note("store: an operator asks for a promotion")
        writeAsOperator { $0.promote = promote }
    }

    mutating func setAlone() {
        guard store.value != nil else { return }
        note("store: an operator switches one-node-write mode on")
        writeAsOperator { $0.oneNodeWriteMode = true }
    }

    private func isChainStreaming(_ state: ClusterState) -> Bool {
        state.chain.dropFirst().allSatisfy { member in
            index(of: member).map { peers[$0].postgres.receiver.phase == .streaming } ?? false
        }
    }

    private func request(
        for peer: Peer,
        in state: ClusterState,
        within span: SimulatedTime
    ) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(peer.id.text),
            "generation": .integer(Int64(state.generation.number)),
            "role": .string("sync"),
            "expireTime": .string("\(Moment(onClocks: Instant((now + span).duration)).wall)"),
        ]
        if let index = state.async.firstIndex(of: peer) {
            members["role"] = .string("async")
            members["asyncIndex"] = .integer(Int64(index))
        }
        return .object(members)
    }

    /// A request that is not to be carried out, or none at all.
    private mutating func nonsense(
        _ peer: Int,
        in state: ClusterState,
        _ span: SimulatedTime
    ) -> JSONValue {
        let right = request(for: state.sync ?? state.primary, in: state, within: span)
        guard case .object(var members) = right else { return .null }
        switch random.below(5) {
        case 0: members["id"] = .string("nobody")
        case 1: members["generation"] = .integer(Int64(state.generation.number) - 1)
        case 2: members["expireTime"] = .string("2010-01-01T00:00:00.000Z")
        case 3: members["role"] = .string("primary")
        case _: return .array([.integer(Int64(peer))])
        }
        return .object(members)
    }
}
