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
        let newest = newest(entries)
        var details = ClusterDetails(state: try StoredJSON.state(stored.data))
        details.present = present(newest, among: details.members.map(\.peer))
        details.shortages = shortages(in: newest)
        return details
    }

    /// An entry of the election with its name understood.
    private typealias NamedEntry = (name: ElectionName, data: [UInt8])

    /// Of several entries of a peer the newest, in election order.
    private func newest(_ entries: [ElectionEntry]) -> [NamedEntry] {
        var newest: [PeerID: NamedEntry] = [:]
        for entry in entries {
            guard let name = ElectionName(entry.name),
                newest[name.id].map({ $0.name.sequence < name.sequence }) ?? true
            else { continue }
            newest[name.id] = (name, entry.data)
        }
        return newest.values.sorted { $0.name.sequence < $1.name.sequence }
    }

    /// The peers that stand for election; one whose entry cannot be read as the state describes it.
    private func present(_ entries: [NamedEntry], among members: [Peer]) -> [Peer] {
        entries.compactMap { entry in
            // A stranger whose entry cannot be read cannot be shown.
            (try? ElectionNodeJSON.decode(entry.data, id: entry.name.id))
                ?? members.first { $0.id == entry.name.id }
        }
    }

    /// An entry that cannot be read says nothing.
    private func shortages(in entries: [NamedEntry]) -> [Peer: String] {
        var shortages: [Peer: String] = [:]
        for entry in entries {
            // The sitters tell in their logs what is wrong with an entry.
            guard let peer = try? ElectionNodeJSON.decode(entry.data, id: entry.name.id),
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
