import ManateePorts

/// One run of the tool: its surroundings, and what commands share.
struct AdmSession: Sendable {
    let environment: [String: String]
    let ports: AdmPorts
    let output: any AdmOutput

    func write(_ text: String) throws(OutputFailure) {
        try output.write(text, to: .standardOutput)
    }

    func remark(_ text: String) throws(OutputFailure) {
        try output.write(text, to: .standardError)
    }

    /// An option's value: as given, or from the environment; an empty one counts as none.
    func value(of option: String?, orEnvironment variable: String) -> String? {
        [option, environment[variable]].compactMap(\.self).first { !$0.isEmpty }
    }

    /// Runs `body` on a shard, and tells a store that does not answer from other failures.
    func withShard<Result: Sendable>(
        _ target: ShardTarget,
        _ body: @Sendable (any ShardAdministration) async throws -> Result
    ) async throws -> Result {
        do {
            return try await ports.store.withShard(target.shard, at: target.servers, body)
        } catch let failure as ShardAccessFailure {
            throw AdmFailure.storeUnreachable(failure.detail)
        }
    }
}

/// The shard that a command is about.
struct ShardTarget: Equatable, Sendable {
    /// The store's connection string.
    var servers: String
    /// The shard's name.
    var shard: String
}
