import Glibc

/// A ZooKeeper server on this machine: a whole store, or one member of an ensemble.
///
/// Its data stays in its directory from one start to the next. It listens on 127.0.0.1 only.
package actor ZooKeeperServer {
    /// A member of an ensemble, as all members know it.
    package struct Member: Hashable, Sendable {
        /// The member's number, 1 to 255.
        package var id: Int
        /// The port that followers connect to.
        package var quorumPort: Int
        /// The port for elections.
        package var electionPort: Int

        /// A member of its parts.
        package init(id: Int, quorumPort: Int, electionPort: Int) {
            self.id = id
            self.quorumPort = quorumPort
            self.electionPort = electionPort
        }
    }

    /// How a server is to run.
    package struct Settings: Sendable {
        /// Where its data, configuration and log are; made if it does not exist.
        package var directory: String
        /// Where clients connect.
        package var clientPort: Int
        /// The server's number among `members`; ignored without any; default 1.
        package var id = 1
        /// All members of the ensemble; empty (default) for a server alone.
        package var members: [Member] = []
        /// The unit of its times; sessions last at least two of them; default 500 ms.
        package var tick: Duration = .milliseconds(500)
        /// The longest session timeout that a client gets; default 60 s.
        package var maximumSessionTimeout: Duration = .seconds(60)
        /// The Java heap in MiB; default 128.
        package var heapMiB = 128
        /// Further lines of `zoo.cfg`.
        package var properties: [String: String] = [:]
        /// Further system properties of the Java machine.
        package var systemProperties: [String: String] = [:]

        /// Settings with defaults for everything but the place and the port.
        package init(directory: String, clientPort: Int) {
            self.directory = directory
            self.clientPort = clientPort
        }

        /// The server's log.
        package var logFile: String { directory + "/zookeeper.log" }
    }

    /// What a server says about itself.
    package struct Report: Hashable, Sendable {
        /// `standalone`, `leader` or `follower`.
        package var mode: String
        /// The last transaction, as it is written: `0x100000003`.
        package var zxid: String
    }

    /// How it runs.
    package nonisolated let settings: Settings
    private let installation: ZooKeeperInstallation
    private var process: ChildProcess?

    /// A server that was not started yet.
    package init(_ settings: Settings, installation: ZooKeeperInstallation) {
        self.settings = settings
        self.installation = installation
    }

    /// Where clients connect, as a connection string has it.
    package nonisolated var address: String { "127.0.0.1:\(settings.clientPort)" }

    /// The process's number; nil while it does not run.
    package var processID: Int32? {
        process.flatMap { $0.isRunning ? $0.processID : nil }
    }

    /// Starts the process, without waiting until it serves; does nothing if it runs.
    ///
    /// - Throws: ``LaunchFailure``, or ``ZooKeeperServerFailure`` if a file cannot be written.
    package func launch() async throws {
        guard process?.isRunning != true else { return }
        guard FreePorts.isFree(settings.clientPort) else {
            throw ZooKeeperServerFailure.portInUse(settings.clientPort)
        }
        try writeFiles()
        var systemProperties = [
            "java.net.preferIPv4Stack": "true",
            "org.slf4j.simpleLogger.showDateTime": "true",
            "org.slf4j.simpleLogger.dateTimeFormat": "yyyy-MM-dd'T'HH:mm:ss.SSS",
            "org.slf4j.simpleLogger.showThreadName": "false",
            "org.slf4j.simpleLogger.showShortLogName": "true",
            "zookeeper.extendedTypesEnabled": "true",
        ]
        systemProperties.merge(settings.systemProperties) { _, new in new }
        var arguments = [
            "-Xmx\(settings.heapMiB)m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError",
        ]
        arguments += systemProperties.sorted { $0.key < $1.key }.map { "-D\($0.key)=\($0.value)" }
        arguments += [
            "-cp", installation.classPath.joined(separator: ":"),
            "org.apache.zookeeper.server.quorum.QuorumPeerMain", configurationFile,
        ]
        var launch = ChildProcess.Launch(
            program: installation.java,
            arguments: arguments,
            logFile: settings.logFile
        )
        launch.directory = settings.directory
        process = try await ChildProcess.start(launch)
    }

    /// Starts the server and waits until it serves.
    ///
    /// - Parameter patience: How long that may take. Default 30 s.
    /// - Throws: ``ZooKeeperServerFailure`` with the end of its log, or ``LaunchFailure``.
    package func start(patience: Duration = .seconds(30)) async throws {
        try await launch()
        try await ready(patience: patience)
    }

    /// Waits until the server serves clients.
    ///
    /// - Parameter patience: How long that may take. Default 30 s.
    /// - Throws: ``ZooKeeperServerFailure`` with the end of its log.
    package func ready(patience: Duration = .seconds(30)) async throws {
        let deadline = ContinuousClock.now.advanced(by: patience)
        while await report() == nil {
            // Looked at again after each wait: it may have been stopped meanwhile.
            guard let process else { throw failure(.notRunning) }
            if let exit = process.exit {
                throw failure(.ended(exit))
            }
            guard ContinuousClock.now < deadline else { throw failure(.notServing(patience)) }
            try await Task.sleep(for: Self.probeInterval)
        }
    }

    /// How often a starting server is asked whether it serves.
    private static let probeInterval = Duration.milliseconds(50)

    /// What the server says about itself; nil if it does not serve.
    package nonisolated func report() async -> Report? {
        guard let answer = await ask("srvr") else {
            return nil
        }
        var fields: [Substring: String] = [:]
        for line in answer.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        guard let mode = fields["Mode"], let zxid = fields["Zxid"] else { return nil }
        return Report(mode: mode, zxid: zxid)
    }

    /// Asks one of the questions that need no session, such as `wchp` or `cons`.
    ///
    /// - Parameter word: The four letters.
    /// - Returns: The answer; nil if there is none within about a second.
    package nonisolated func ask(_ word: String) async -> String? {
        await LoopbackQuestion.ask(word, port: settings.clientPort)
    }

    /// Ends the server in order and waits for its end.
    package func stop() async {
        await process?.stop()
        process = nil
    }

    /// Kills the server as a crash would, and waits for its end.
    package func kill() async {
        await process?.stop(signal: SIGKILL)
        process = nil
    }

    /// Stops the server's process until ``thaw()``; its connections stay open and silent.
    ///
    /// Returns when it stands still: the kernel stops one thread after the other.
    package func freeze() async {
        guard let process else { return }
        process.freeze()
        while ProcessRecord(running: process.processID)?.standsStill == false {
            // It is cancelled with the test that waits; then the next look is taken at once.
            try? await Task.sleep(for: .milliseconds(1))
        }
    }

    /// Lets the server go on after ``freeze()``.
    package func thaw() {
        process?.thaw()
    }

    // MARK: Files

    private var configurationFile: String { settings.directory + "/zoo.cfg" }

    private func writeFiles() throws(ZooKeeperServerFailure) {
        let data = settings.directory + "/data"
        try LocalFile.makeDirectory(settings.directory)
        try LocalFile.makeDirectory(data)
        var lines = [
            "dataDir": data,
            "clientPort": "\(settings.clientPort)",
            "clientPortAddress": "127.0.0.1",
            "tickTime": "\(milliseconds(settings.tick))",
            "maxSessionTimeout": "\(milliseconds(settings.maximumSessionTimeout))",
            "initLimit": "20",
            "syncLimit": "10",
            "maxClientCnxns": "0",
            "admin.enableServer": "false",
            "4lw.commands.whitelist": "*",
            // In KiB; the default makes each log file 64 MiB long.
            "preAllocSize": "1024",
            "autopurge.snapRetainCount": "3",
            "autopurge.purgeInterval": "1",
        ]
        for member in settings.members {
            lines["server.\(member.id)"] = "127.0.0.1:\(member.quorumPort):\(member.electionPort)"
        }
        lines.merge(settings.properties) { _, new in new }
        let text = lines.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
        try LocalFile.write(text, to: configurationFile)
        if !settings.members.isEmpty {
            try LocalFile.write("\(settings.id)\n", to: data + "/myid")
        }
    }

    private func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1_000
            + duration.components.attoseconds / 1_000_000_000_000_000
    }

    private func failure(_ what: ZooKeeperServerFailure.What) -> ZooKeeperServerFailure {
        .server(
            address: address,
            what: what,
            log: settings.logFile,
            logEnd: LocalFile.end(of: settings.logFile)
        )
    }
}

/// Why a ZooKeeper server does not serve.
package enum ZooKeeperServerFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened to the process.
    package enum What: Hashable, Sendable {
        /// It was never started, or was stopped.
        case notRunning
        /// It ended by itself.
        case ended(ChildProcess.Exit)
        /// It runs, but did not serve within this time.
        case notServing(Duration)
    }

    /// A file or directory could not be made.
    case file(path: String, reason: String)
    /// Somebody else listens on the port.
    case portInUse(Int)
    /// The process does not serve.
    case server(address: String, what: What, log: String, logEnd: String)

    /// What was attempted, what was seen, and what to do.
    package var description: String {
        switch self {
        case .file(let path, let reason):
            return "cannot write \(path): \(reason)"
        case .portInUse(let port):
            return "cannot start ZooKeeper: port \(port) of 127.0.0.1 is in use; end what listens "
                + "there, or choose another port"
        case .server(let address, let what, let log, let logEnd):
            let seen: String
            switch what {
            case .notRunning: seen = "it does not run"
            case .ended(let exit): seen = "it ended with \(exit)"
            case .notServing(let patience): seen = "it did not serve within \(patience)"
            }
            return "ZooKeeper at \(address) does not serve: \(seen); its log \(log) ends with:\n"
                + logEnd
        }
    }
}
