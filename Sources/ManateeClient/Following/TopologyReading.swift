import ManateeCore
import ManateeWire

/// What was read of a shard at one moment.
enum TopologyReading: Equatable {
    case topology(Topology)
    /// There is a state, and it cannot be understood.
    case unreadable(String)

    /// Reads the topology.
    ///
    /// - Parameters:
    ///   - state: the data of the cluster state; nil if there is none, and then the election counts.
    ///   - election: the names of the election's entries.
    ///   - path: where the state is, for errors.
    init(state: [UInt8]?, election: [String], path: String) {
        guard let state else {
            self = .topology(Topology(servers: Self.servers(standing: election), token: nil))
            return
        }
        do {
            self = .topology(Self.topology(try ClusterStateJSON.decode(state, document: path)))
        } catch {
            self = .unreadable("\(error)")
        }
    }

    private static func topology(_ state: ClusterState) -> Topology {
        let roles: [(Peer, Server.Role)] =
            [(state.primary, .primary)] + (state.sync.map { [($0, .sync)] } ?? [])
            + state.async.map { ($0, .async) }
        return Topology(
            servers: roles.map { peer, role in
                let endpoint = PeerEndpoint(peer)
                return Server(
                    url: peer.postgresURL,
                    host: endpoint.host,
                    port: endpoint.port,
                    role: role,
                    id: peer.id.text
                )
            },
            token: FencingToken(state.generation.number)
        )
    }

    /// The peers in election order, each once, at the place of its newest entry.
    ///
    /// What is no entry is passed over. As in the original the address comes from the entry's name.
    private static func servers(standing names: [String]) -> [Server] {
        var newest: [PeerID: Int64] = [:]
        for name in names.compactMap({ ElectionName($0) }) {
            newest[name.id] = max(newest[name.id] ?? .min, name.sequence)
        }
        return newest.sorted { $0.value < $1.value }.map { id, _ in
            let address = PeerAddress(id)
            let host = address.host
            return Server(
                url: "tcp://\(host)" + (address.postgresPort.map { ":\($0)" } ?? ""),
                host: address.ip,
                port: address.postgresPort.flatMap { Int($0) } ?? 5432,
                role: .undeclared,
                id: id.text
            )
        }
    }
}
