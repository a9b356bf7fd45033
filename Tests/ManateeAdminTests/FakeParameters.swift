import ManateeCore
import ManateePorts
import ManateeWire
import Synchronization

/// The parameters of an example cluster's servers.
struct FakeParameters: ParameterProbe {
    private static let standard = [
        ServerParameter(
            name: "work_mem",
            setting: "4096",
            unit: "kB",
            kind: .integer,
            minimum: 64,
            maximum: 2_147_483_647
        ),
        ServerParameter(
            name: "max_connections",
            setting: "100",
            kind: .integer,
            context: "postmaster",
            minimum: 1,
            maximum: 262_143
        ),
        ServerParameter(name: "jit", setting: "on", kind: .bool),
        ServerParameter(
            name: "wal_compression",
            setting: "off",
            kind: .enum,
            context: "superuser",
            choices: ["pglz", "lz4", "on", "off"]
        ),
    ]

    /// The peers that do not answer.
    var silent: Set<PeerID> = []
    private var changed: [String: [String: ServerParameter]] = [:]

    init(silent: Set<PeerID> = []) {
        self.silent = silent
    }

    mutating func set(_ ip: String, _ name: String, to value: String, isWaiting: Bool) {
        guard var parameter = Self.standard.first(where: { $0.name == name }) else { return }
        parameter.setting = value
        parameter.isPendingRestart = isWaiting
        changed[ip, default: [:]][name] = parameter
    }

    func parameters(
        of peer: Peer,
        within limit: Duration
    ) async -> Result<[String: ServerParameter], EffectFailure> {
        if silent.contains(peer.id) { return .failure(EffectFailure("ECONNREFUSED")) }
        let standard = Dictionary(uniqueKeysWithValues: Self.standard.map { ($0.name, $0) })
        return .success(standard.merging(changed[peer.ip] ?? [:]) { $1 })
    }
}

/// Sitters that go by what is stored, but for those that a test lets say something else.
struct FakeConfigurations: ConfigurationProbe {
    let shard: FakeShard
    let told: [String: ConfigurationStatus]

    func configuration(
        of peer: Peer,
        within limit: Duration
    ) async -> Result<ConfigurationStatus, EffectFailure> {
        if let status = told[peer.ip] { return .success(status) }
        let data = shard.content.withLock { $0.configuration?.data }
        let stored = data.flatMap { try? ClusterConfigurationJSON.decode($0) }
        return .success(
            ConfigurationStatus(
                version: stored?.version ?? 0,
                detection: stored?.detection.applied(to: FailureDetection())
            )
        )
    }
}

extension ExampleCluster {
    /// The peers whose postgres does not answer.
    var silent: Set<PeerID> {
        Set(
            sightings.compactMap { id, sighting in
                switch sighting {
                case .answered: nil
                case .failed: id
                }
            }
        )
    }
}

/// An editor that leaves what it was told.
struct FakeEditor: TextEditor {
    let typed: String?

    func edit(_ text: String) async throws -> (text: String, path: String) {
        guard let typed else { throw EffectFailure("there is no terminal") }
        return (typed, "/tmp/manatee-config.yaml")
    }

    func discard(_ path: String) {}
}
