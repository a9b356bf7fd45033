import ManateeCore
import ManateePorts
import ManateeWire

/// A shard's configuration as a command finds it, with the peers that it is for.
struct ShardConfiguration: Sendable {
    /// What is stored; nil if nothing is.
    var stored: StoredConfiguration?
    /// What it says; nil if nothing is stored, or what is stored cannot be used.
    var usable: ClusterConfiguration?
    /// What is wrong with what is stored; nil if nothing is.
    var problem: String?
    /// The peers of the shard with their roles; none if there is no cluster state.
    var members: [ClusterMember]

    /// Reads it.
    static func load(_ target: ShardTarget, in session: AdmSession) async throws -> Self {
        let (stored, state) = try await session.withShard(target) { store in
            (try await store.readConfiguration(), try await store.readState())
        }
        // A shard that is not set up yet has no peers to ask; its state is told by other commands.
        let details = try state.map { ClusterDetails(state: try StoredJSON.state($0.data)) }
        var found = ShardConfiguration(stored: stored, members: details?.members ?? [])
        guard let stored else { return found }
        do {
            found.usable = try ClusterConfigurationJSON.decode(stored.data)
        } catch {
            found.problem = error.description
        }
        return found
    }

    /// How often something was stored, as far as the store knows: more often than any number in it says
    /// if what is stored cannot be read.
    var writes: Int64 { stored.map { $0.version.number + 1 } ?? 0 }

    /// The failure to report if what is stored cannot be used.
    var fault: AdmFailure? {
        guard let problem, let stored else { return nil }
        return .operation(
            "what is stored at \(stored.path) cannot be used: \(problem); the peers keep the last "
                + "good configuration; correct it with \"manatee-adm config edit\""
        )
    }

    /// Asks every peer for its parameters, all at once.
    func parameters(
        _ target: ShardTarget,
        within limit: Duration,
        in session: AdmSession
    ) async throws(AdmFailure) -> [PeerID: Result<[String: ServerParameter], EffectFailure>] {
        let probe: any ParameterProbe
        do {
            probe = try session.ports.configuration.parameters(target.configurationPath)
        } catch {
            throw AdmFailure.operation("\(error)")
        }
        return await withTaskGroup(
            of: (PeerID, Result<[String: ServerParameter], EffectFailure>).self
        ) { group in
            for member in members {
                group.addTask {
                    (member.peer.id, await probe.parameters(of: member.peer, within: limit))
                }
            }
            var answers: [PeerID: Result<[String: ServerParameter], EffectFailure>] = [:]
            for await (id, answer) in group { answers[id] = answer }
            return answers
        }
    }

    /// Asks every peer's sitter what it makes of the configuration, all at once.
    func sitters(
        _ target: ShardTarget,
        within limit: Duration,
        in session: AdmSession
    ) async throws(AdmFailure) -> [PeerID: Result<ConfigurationStatus, EffectFailure>] {
        let probe: any ConfigurationProbe
        do {
            probe = try session.ports.configuration.sitters(target.configurationPath)
        } catch {
            throw AdmFailure.operation("\(error)")
        }
        return await withTaskGroup(
            of: (PeerID, Result<ConfigurationStatus, EffectFailure>).self
        ) { group in
            for member in members {
                group.addTask {
                    (member.peer.id, await probe.configuration(of: member.peer, within: limit))
                }
            }
            var answers: [PeerID: Result<ConfigurationStatus, EffectFailure>] = [:]
            for await (id, answer) in group { answers[id] = answer }
            return answers
        }
    }

    /// What a running postgres knows of parameters: the first of the chain that answers.
    func catalogue(
        _ target: ShardTarget,
        within limit: Duration,
        in session: AdmSession
    ) async throws(AdmFailure) -> [String: ServerParameter]? {
        let answers = try await parameters(target, within: limit, in: session)
        for member in members {
            if case .success(let found)? = answers[member.peer.id] { return found }
        }
        return nil
    }
}

extension ClusterConfiguration {
    /// What a running postgres would refuse.
    func problems(by catalogue: [String: ServerParameter]) -> [String] {
        parameters.sorted { $0.key < $1.key }.compactMap { name, value in
            if let parameter = catalogue[name] { return parameter.problem(with: value) }
            // Of an extension, which may define it when it is loaded.
            if name.contains(".") { return nil }
            return
                "postgres parameter `\(name)` is not known to the shard's postgres; correct its name"
        }
    }
}

extension [String] {
    /// The failure that lists these problems of a document.
    func failure(of document: String) -> AdmFailure {
        .operation("\(document) cannot be used:\n" + map { "  \($0)" }.joined(separator: "\n"))
    }
}
