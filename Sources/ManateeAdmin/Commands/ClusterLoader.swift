import ManateeCore
import ManateePorts
import ManateeWire

/// Finds out everything about one cluster: from the store first, then from every postgres at once.
struct ClusterLoader: Sendable {
    let session: AdmSession
    let target: ShardTarget

    /// The cluster as the store knows it, with what each postgres answers within `limit`; nil asks
    /// no postgres.
    ///
    /// - Throws: `AdmFailure`.
    func load(askingPostgresWithin limit: Duration?) async throws -> ClusterDetails {
        if let path = session.value(of: nil, orEnvironment: "MANATEE_ADM_TEST_STATE") {
            return try DetailsDump.read(session.readFile(path), from: path)
        }
        let details = try await session.withShard(target) { try await read($0) }
        guard let limit else { return details }
        return try await asking(details, within: limit)
    }

    /// The cluster as the store knows it.
    func read(_ shard: any ShardAdministration) async throws -> ClusterDetails {
        guard let stored = try await shard.readState() else { throw target.missingState }
        let entries = try await shard.electionEntries() ?? []
        var details = ClusterDetails(state: try StoredJSON.state(stored.data))
        details.present = present(entries, among: details.members.map(\.peer))
        return details
    }

    /// The peers that stand for election, each at the place of its newest entry.
    ///
    /// An entry that cannot be read counts only for a peer that the state describes, too.
    private func present(_ entries: [ElectionEntry], among members: [Peer]) -> [Peer] {
        var newest: [PeerID: (name: ElectionName, data: [UInt8])] = [:]
        for entry in entries {
            guard let name = ElectionName(entry.name) else { continue }
            if let known = newest[name.id], known.name.sequence > name.sequence { continue }
            newest[name.id] = (name, entry.data)
        }
        return newest.values.sorted { $0.name.sequence < $1.name.sequence }.compactMap { entry in
            members.first { $0.id == entry.name.id }
                // A stranger whose entry cannot be read cannot be shown.
                ?? (try? ElectionNodeJSON.decode(entry.data, id: entry.name.id))
        }
    }

    /// The cluster with what each postgres answers within `limit`.
    func asking(_ details: ClusterDetails, within limit: Duration) async throws -> ClusterDetails {
        var details = details
        details.postgres = try await sightings(details.members.map(\.peer), limit)
        return details
    }

    private func sightings(
        _ peers: [Peer],
        _ limit: Duration
    ) async throws -> [PeerID: PostgresSighting] {
        let probe = try makeProbe()
        return await withTaskGroup(of: (PeerID, PostgresSighting).self) { group in
            for peer in Set(peers) {
                group.addTask { (peer.id, await probe.probe(peer, within: limit)) }
            }
            var sightings: [PeerID: PostgresSighting] = [:]
            for await (id, sighting) in group { sightings[id] = sighting }
            return sightings
        }
    }

    private func makeProbe() throws(AdmFailure) -> any PostgresProbe {
        do {
            return try session.ports.probe(target.configurationPath)
        } catch {
            throw AdmFailure.operation("\(error)")
        }
    }
}

extension AdmSession {
    func readFile(_ path: String) throws(AdmFailure) -> [UInt8] {
        do {
            return try ports.readFile(path)
        } catch {
            throw AdmFailure.operation("cannot read \(path): \(error)")
        }
    }
}

extension ShardTarget {
    /// What to say when the shard has no cluster state.
    var missingState: AdmFailure {
        .operation("no state object exists for shard: \"\(shard)\"")
    }
}
