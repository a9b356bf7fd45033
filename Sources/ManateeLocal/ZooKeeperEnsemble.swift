/// One or three ZooKeeper servers on this machine that form one store.
package struct ZooKeeperEnsemble: Sendable {
    /// The servers, in the order of their numbers.
    package let servers: [ZooKeeperServer]

    /// An ensemble of servers that exist already.
    package init(servers: [ZooKeeperServer]) {
        self.servers = servers
    }

    /// Servers that were not started yet, each in a directory `zk1`, `zk2` and so on.
    ///
    /// - Parameters:
    ///   - count: How many servers: 1 or 3 (any odd number works).
    ///   - directory: Where their data is kept; made if it does not exist.
    ///   - clientPorts: Where clients connect, one for each server; nil for free ones. A store that
    ///     is to be found again needs the same ports at each start.
    ///   - installation: What starts them.
    ///   - customize: A last word on each server's settings.
    /// - Throws: ``FreePorts/Exhausted``.
    package init(
        count: Int,
        directory: String,
        clientPorts: [Int]? = nil,
        installation: ZooKeeperInstallation,
        customize: (inout ZooKeeperServer.Settings) -> Void = { _ in }
    ) throws {
        let clientPorts = try clientPorts ?? FreePorts.take(count)
        precondition(clientPorts.count == count, "\(count) servers, ports \(clientPorts)")
        // Nobody but the members knows these, so that new ones at each start do no harm.
        let ports = try FreePorts.take(count > 1 ? 2 * count : 0)
        let members = (1...count).prefix(count > 1 ? count : 0).map { id in
            ZooKeeperServer.Member(
                id: id,
                quorumPort: ports[2 * id - 2],
                electionPort: ports[2 * id - 1]
            )
        }
        servers = (1...count).map { id in
            var settings = ZooKeeperServer.Settings(
                directory: "\(directory)/zk\(id)",
                clientPort: clientPorts[id - 1]
            )
            settings.id = id
            settings.members = members
            customize(&settings)
            return ZooKeeperServer(settings, installation: installation)
        }
    }

    /// What clients connect with: `127.0.0.1:PORT,...`.
    package var connectionString: String {
        servers.map(\.address).joined(separator: ",")
    }

    /// Starts all servers and waits until each serves.
    ///
    /// - Parameter patience: How long that may take. Default 60 s.
    /// - Throws: ``ZooKeeperServerFailure`` or ``LaunchFailure``; what was started runs on.
    package func start(patience: Duration = .seconds(60)) async throws {
        for server in servers {
            try await server.launch()
        }
        for server in servers {
            try await server.ready(patience: patience)
        }
    }

    /// Ends all servers in order.
    package func stop() async {
        await withTaskGroup(of: Void.self) { group in
            for server in servers {
                group.addTask { await server.stop() }
            }
        }
    }

    /// The server that leads now, or is the only one; nil while there is none.
    package func leader() async -> ZooKeeperServer? {
        for server in servers {
            let mode = await server.report()?.mode
            if mode == "leader" || mode == "standalone" {
                return server
            }
        }
        return nil
    }
}
