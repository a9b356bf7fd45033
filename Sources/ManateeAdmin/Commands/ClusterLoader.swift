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
        return ClusterDetails(
            state: try StoredJSON.state(stored.data),
            active: Set(entries.compactMap { ElectionName($0.name)?.id }),
            shortages: shortages(in: entries)
        )
    }

    /// Of several entries of a peer the newest counts; one that cannot be read says nothing.
    private func shortages(in entries: [ElectionEntry]) -> [Peer: String] {
        var newest: [PeerID: (name: ElectionName, data: [UInt8])] = [:]
        for entry in entries {
            guard let name = ElectionName(entry.name),
                newest[name.id].map({ $0.name.sequence < name.sequence }) ?? true
            else { continue }
            newest[name.id] = (name, entry.data)
        }
        var shortages: [Peer: String] = [:]
        for (id, entry) in newest {
            // The sitters tell in their logs what is wrong with an entry.
            guard let peer = try? ElectionNodeJSON.decode(entry.data, id: id),
                let shortage = ElectionNodeJSON.shortage(of: peer)
            else { continue }
            shortages[peer] = shortage
        }
        return shortages
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
