import ManateeCore
import ManateeJournal
import ManateeWire

/// Asks the sitters for what the store's history does not hold: what each change of roles spent its time
/// on.
struct RoleChangeInquiry {
    let session: AdmSession
    let configurationPath: String?

    /// The record that belongs to each row of the history, if any peer tells it; who does not answer is
    /// remarked.
    ///
    /// - Throws: `OutputFailure`
    func answers(for rows: [HistoryRecord]) async throws -> [RoleChangeRecord?] {
        let told = try await told(by: askable(rows))
        var used: Set<Reign> = []
        return rows.map { row in
            guard let state = row.state else { return nil }
            let reign = Reign(state)
            guard used.insert(reign).inserted else { return nil }
            return told[reign]
        }
    }

    /// Who was primary in one of the rows and belongs to the shard in the newest of them.
    private func askable(_ rows: [HistoryRecord]) -> [Peer] {
        let newest = HistoryRecord.sorted(rows, by: .zkSeq).compactMap(\.state).last
        guard let newest else { return [] }
        let primaries = Set(rows.compactMap { $0.state?.primary.id })
        return (newest.chain + newest.deposed).filter { primaries.contains($0.id) }
    }

    private func told(by peers: [Peer]) async throws -> [Reign: RoleChangeRecord] {
        let (ask, path) = (session.ports.roleChanges, configurationPath)
        let answers = await withTaskGroup(of: (Int, Result<[RoleChangeRecord], any Error>).self) {
            group in
            for (index, peer) in peers.enumerated() {
                group.addTask {
                    do {
                        return (index, .success(try RoleChangeListJSON.told(await ask(peer, path))))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            var answers: [Int: Result<[RoleChangeRecord], any Error>] = [:]
            for await (index, answer) in group { answers[index] = answer }
            return answers
        }
        var told: [Reign: RoleChangeRecord] = [:]
        for (index, peer) in peers.enumerated() {
            switch answers[index] {
            case .success(let records)?:
                for record in records where record.role == .primary {
                    told[Reign(generation: record.generation, primary: peer.id)] = record
                }
            case .failure(let error)?:
                try session.remark(
                    "manatee-adm: warning: no records of role changes from \(peer.label): \(error)\n"
                )
            case nil:
                break
            }
        }
        return told
    }
}

/// A generation, and who is primary in it.
private struct Reign: Hashable {
    var generation: Generation
    var primary: PeerID

    init(generation: Generation, primary: PeerID) {
        self.generation = generation
        self.primary = primary
    }

    init(_ state: ClusterState) {
        self.init(generation: state.generation, primary: state.primary.id)
    }
}
