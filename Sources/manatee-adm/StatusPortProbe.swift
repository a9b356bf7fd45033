import ManateeAdmin
import ManateeCore
import ManateePorts
import ManateeWire

/// Asks sitters over HTTP what they tell everybody at `/state`.
struct StatusPortProbe: SitterProbe, ConfigurationProbe {
    /// How far a sitter's port is from the port of its postgres.
    let portOffset: Int

    func ask(_ peer: Peer, within limit: Duration) async -> SitterSighting {
        do {
            let state = try JSONText.parse(try await answer(of: peer, limit), document: "/state")
            return .answered(
                SitterReport(hears: peers(state["hears"]), misses: peers(state["misses"]))
            )
        } catch {
            return .failed(cause: "\(error)")
        }
    }

    func configuration(
        of peer: Peer,
        within limit: Duration
    ) async -> Result<ConfigurationStatus, EffectFailure> {
        do {
            if let status = try ConfigurationStatus(answer: try await answer(of: peer, limit)) {
                return .success(status)
            }
            let sitter = SitterAddress(of: peer, portOffset: portOffset)
            return .failure(EffectFailure("\(sitter) says nothing of it"))
        } catch {
            return .failure(EffectFailure("\(error)"))
        }
    }

    private func answer(of peer: Peer, _ limit: Duration) async throws -> [UInt8] {
        try await SitterAddress(of: peer, portOffset: portOffset).get("/state", within: limit)
    }

    /// A sitter that does not tell yet names nobody.
    private func peers(_ list: JSONValue?) -> [PeerID] {
        guard case .array(let names)? = list else { return [] }
        return names.compactMap { $0.text.map { PeerID($0) } }
    }
}
