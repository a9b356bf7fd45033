import ManateePorts
import Synchronization

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

    /// The colours for a channel: none where nobody would see them, or where they are not wanted.
    func paint(for channel: AdmChannel) -> Paint {
        let isUnwanted =
            value(of: nil, orEnvironment: "NO_COLOR") != nil || environment["TERM"] == "dumb"
        return Paint(isOn: !isUnwanted && output.isTerminal(channel))
    }

    /// An option's value: as given, or from the environment; an empty one counts as none.
    func value(of option: String?, orEnvironment variable: String) -> String? {
        [option, environment[variable]].compactMap(\.self).first { !$0.isEmpty }
    }

    /// Runs `body` on a shard, and tells a store that does not answer from other failures.
    ///
    /// - Throws: `AdmFailure` or `OutputFailure`.
    func withShard<Result: Sendable>(
        _ target: ShardTarget,
        _ body: @Sendable (any ShardAdministration) async throws -> Result
    ) async throws -> Result {
        try await connecting(target.store) { connector, connected in
            try await connector.withShard(target.shard, at: target.servers) { shard in
                connected.withLock { $0 = true }
                return try await body(shard)
            }
        }
    }

    /// The same for the store as a whole.
    ///
    /// - Throws: `AdmFailure` or `OutputFailure`.
    func withStore<Result: Sendable>(
        _ target: StoreTarget,
        _ body: @Sendable (any StoreAdministration) async throws -> Result
    ) async throws -> Result {
        try await connecting(target) { connector, connected in
            try await connector.withStore(at: target.servers) { store in
                connected.withLock { $0 = true }
                return try await body(store)
            }
        }
    }

    private func connecting<Result: Sendable>(
        _ target: StoreTarget,
        _ body: (any ShardConnector, borrowing Mutex<Bool>) async throws -> Result
    ) async throws -> Result {
        let connected = Mutex(false)
        do {
            return try await body(ports.store(target.configurationPath), connected)
        } catch let failure as ShardAccessFailure {
            let attempt = connected.withLock { $0 } ? "" : "unable to connect to zk: "
            throw AdmFailure.storeUnreachable(attempt + failure.detail)
        } catch let failure as AdmFailure {
            throw failure
        } catch let failure as OutputFailure {
            throw failure
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw AdmFailure.operation("\(error)")
        }
    }
}

/// The store that a command is about.
struct StoreTarget: Equatable, Sendable {
    /// The connection string.
    var servers: String
    /// The sitter configuration that says how to prove who one is; nil if there is none.
    var configurationPath: String?
}

/// The shard that a command is about.
struct ShardTarget: Equatable, Sendable {
    /// The store that holds it.
    var store: StoreTarget
    /// The shard's name.
    var shard: String

    /// The store's connection string.
    var servers: String { store.servers }
    /// The sitter configuration that says how to prove who one is; nil if there is none.
    var configurationPath: String? { store.configurationPath }
}
