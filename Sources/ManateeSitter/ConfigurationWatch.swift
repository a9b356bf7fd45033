package import Logging
package import ManateeCore
package import ManateePorts
import ServiceLifecycle

/// Carries out what the store tells all peers of the shard, and keeps the last good word.
///
/// Nothing here changes a role or stops postgres: parameters go to the running server as far as it
/// takes them, limits of failure detection to the machine, as data.
package actor ConfigurationWatch: Service {
    private let source: any ConfigurationSource
    private let memory: any ConfigurationMemory
    private let postgres: any ParameterControl
    private let ownDetection: FailureDetection
    private let adoptDetection: @Sendable (FailureDetection) async -> Void
    private let postgresStatus: @Sendable () async -> PostgresStatus
    private let logger: Logger
    private var inForce: ClusterConfiguration
    private var problem: String?

    /// A watch that begins with what the memory held.
    ///
    /// - Parameters:
    ///   - source: what the store says.
    ///   - memory: keeps the last good word.
    ///   - remembered: what the memory held, which is in force already.
    ///   - postgres: takes parameters.
    ///   - ownDetection: the limits of the peer's own file.
    ///   - adoptDetection: gives limits to the machine.
    ///   - postgresStatus: what is known of postgres.
    ///   - logger: gets what changes, and what is wrong.
    package init(
        source: any ConfigurationSource,
        memory: any ConfigurationMemory,
        remembered: ClusterConfiguration,
        postgres: any ParameterControl,
        ownDetection: FailureDetection,
        adoptDetection: @escaping @Sendable (FailureDetection) async -> Void,
        postgresStatus: @escaping @Sendable () async -> PostgresStatus,
        logger: Logger
    ) {
        self.source = source
        self.memory = memory
        inForce = remembered
        self.postgres = postgres
        self.ownDetection = ownDetection
        self.adoptDetection = adoptDetection
        self.postgresStatus = postgresStatus
        self.logger = logger
    }

    /// What is in force, and what is wrong.
    package func status() async -> ConfigurationStatus {
        let postgres = await postgresStatus()
        return ConfigurationStatus(
            version: inForce.version,
            problem: problem ?? postgres.refusedParameters,
            pendingRestart: postgres.pendingRestart,
            detection: inForce.detection.applied(to: ownDetection)
        )
    }

    /// Follows the store until graceful shutdown or cancellation.
    package func run() async throws {
        await cancelWhenGracefulShutdown { [source] in
            for await reading in source.configurations { await self.hear(reading) }
        }
    }

    /// Takes one word of the store's.
    package func hear(_ reading: ConfigurationReading) async {
        switch reading {
        case .absent(let path):
            guard inForce.version > 0 else { return problem = nil }
            complain("\(path) is not there any more; write it anew with manatee-adm config edit")
        case .unreadable(let path, let why):
            complain("\(path): \(why); correct it with manatee-adm config edit")
        case .readable(let configuration):
            await take(configuration)
        }
    }

    private func take(_ configuration: ClusterConfiguration) async {
        guard configuration != inForce || problem != nil else { return }
        let detection = configuration.detection.applied(to: ownDetection)
        guard detection.problems.isEmpty else {
            return complain(
                "with the limits of this peer's own file, version \(configuration.version) cannot work: "
                    + "\(detection.problems.joined(separator: "; ")); change one of them"
            )
        }
        do {
            try await postgres.adopt(configuration.parameters)
        } catch {
            return complain("postgres refuses version \(configuration.version): \(error.detail)")
        }
        await adoptDetection(detection)
        problem = nil
        inForce = configuration
        logger.info(
            "the shard's configuration is in force",
            metadata: ["config.version": "\(configuration.version)"]
        )
        do {
            try await memory.save(configuration)
        } catch {
            logger.warning(
                "the shard's configuration would be lost if the store were away at the next start",
                metadata: ["error": "\(error)"]
            )
        }
    }

    private func complain(_ words: String) {
        guard problem != words else { return }
        problem = words
        logger.error(
            "the shard's configuration cannot be used; the last good one stays in force",
            metadata: ["error": "\(words)", "config.version": "\(inForce.version)"]
        )
    }
}
