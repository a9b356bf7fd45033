import Logging
package import ManateeCore
import ManateePorts

/// The parameters that the whole shard is told.
extension PostgresServer: ParameterControl {
    /// What a primary's log says of these, a standby needs at least, or it does not start.
    private static let floored = [
        ("max_connections", "max_connections setting"),
        ("max_worker_processes", "max_worker_processes setting"),
        ("max_prepared_transactions", "max_prepared_xacts setting"),
        ("max_locks_per_transaction", "max_locks_per_xact setting"),
    ]

    /// Puts the shard's parameters before the peer's own, now and from now on.
    package func adopt(_ parameters: [String: String]) async throws(PostgresFailure) {
        do {
            let merged = ClusterConfiguration(parameters: parameters)
                .parameters(over: settings.parameters)
            try ServerParameters.check(merged)
            try await rehearse(merged)
            self.parameters.additional = merged
            health.refusedParameters = nil
            // Whoever works on the server writes its files, too, with what it finds then.
            while callsUnderWay > 0 { try await Task.sleep(for: .milliseconds(50)) }
            if isRunning { try await applyFiles() }
        } catch {
            throw failure(from: error)
        }
    }

    /// Lets the server's program read what would be in its file, without starting it.
    private func rehearse(_ additional: [String: String]) async throws {
        guard case .database = try directory.contents() else { return }
        try await findInstallation()
        var candidate = parameters
        candidate.additional = additional
        let path = "\(directory.path)/\(ServerParameters.fileName).candidate"
        try files.write(candidate.text, to: path)
        defer {
            do {
                try files.remove(path)
            } catch {
                logger.warning("cannot remove a file", metadata: ["error": "\(error)"])
            }
        }
        _ = try await tool(
            "postgres",
            ["-D", directory.path, "-c", "config_file=\(path)", "-C", "data_directory"],
            within: .seconds(10)
        )
    }

    /// What a standby must at least be told, by the log that it has; nothing for others.
    func parameterFloors() async throws -> [String: Int] {
        guard files.exists(directory.standbySignal) else { return [:] }
        let text = try await tool("pg_controldata", ["-D", directory.path], within: .seconds(30))
        let fields = ControlData.fields(of: text)
        var floors: [String: Int] = [:]
        for (name, line) in Self.floored { floors[name] = fields[line].flatMap { Int($0) } }
        return floors
    }

    /// Takes the shard's parameters back after the server did not start with them.
    ///
    /// - Returns: whether there were any.
    func dropSharedParameters(because failure: PostgresFailure) throws -> Bool {
        let own = ClusterConfiguration().parameters(over: settings.parameters)
        guard parameters.additional != own else { return false }
        parameters.additional = own
        health.refusedParameters =
            "postgres does not start with the shard's parameters, so it runs without them: "
            + failure.detail
        logger.error(
            """
            postgres does not start with the shard's parameters; it is started without them: correct \
            them with manatee-adm config edit
            """,
            metadata: ["error": "\(failure.detail)"]
        )
        try writeFiles()
        return true
    }

    /// The parameters that are in the files and wait for a restart.
    static let pendingRestart = "select name from pg_settings where pending_restart order by name"
}
