import Foundation
import Logging
import ManateeConfiguration
import ManateeCore
import ManateeDaemon
import ManateeHTTP
import ManateeHeartbeat
import ManateePostgres
import ManateeStore

/// What each part is told of the settings.
extension SitterSettings {
    /// What the machine decides by.
    var machine: PeerMachine.Configuration {
        PeerMachine.Configuration(
            peer: peer.peer,
            mode: oneNodeWriteMode ? .oneNodeWrite : .replicated,
            rejoin: rejoin == .auto ? .automatic : .manual,
            backOff: failureDetection.backOff,
            postgresRetry: failureDetection.postgresRetry,
            storeGrace: failureDetection.storeGrace,
            staleReadLimit: failureDetection.staleReadLimit,
            detection: failureDetection.limits
        )
    }

    /// How this peer and the others hear of each other.
    var heartbeatSettings: HeartbeatSettings {
        HeartbeatSettings(
            peer: peer.id,
            listenAddress: heartbeat.listenAddress,
            port: peer.heartbeatPort,
            detection: failureDetection.limits
        )
    }

    /// How the store is reached.
    func store() throws(ProgramFailure) -> StoreSettings {
        var store = StoreSettings(
            servers: zooKeeper.servers,
            sessionTimeout: zooKeeper.sessionTimeout
        )
        store.credentials = try zooKeeper.credentials()
        store.encryption = zooKeeper.tls.map { tls in
            StoreSettings.Encryption(
                authoritiesFile: tls.caFile,
                identity: tls.identity.map {
                    .init(certificateFile: $0.certificateFile, keyFile: $0.keyFile)
                }
            )
        }
        return store
    }

    /// The name of the shard: the last part of its path.
    var shardName: String { String(shardPath.split(separator: "/").last ?? "") }

    /// How an operator's change reaches the store.
    func shards(logger: Logger) throws(ProgramFailure) -> ZooKeeperShards {
        let store = try store()
        var shards = ZooKeeperShards(
            credentials: store.credentials,
            encryption: store.encryption,
            logger: logger
        )
        shards.directory = String(shardPath.dropLast(shardName.count + 1))
        return shards
    }

    /// How postgres is run.
    func postgresServer() throws(PostgresFailure) -> PostgresServer.Settings {
        var access: [ClientAccess] = []
        for line in postgres.clientAccess {
            access.append(
                try ClientAccess(
                    databases: line.databases,
                    users: line.users,
                    address: line.address,
                    requireTLS: line.requiresTLS
                )
            )
        }
        var server = PostgresServer.Settings(
            peer: peer.id,
            dataDirectory: postgres.dataDirectory,
            listenAddress: peer.ip,
            port: peer.postgresPort,
            socketDirectory: postgres.socketDirectory,
            secrets: try Secrets.load(from: postgres.secretFile),
            clientAccess: access
        )
        server.binDirectory = postgres.binDirectory
        server.osUser = postgres.osUser
        server.parameters = postgres.parameters
        server.replicationNetworks = postgres.replicationNetworks
        server.walKeepSize = postgres.walKeepSize
        server.operationTimeout = postgres.operationTimeout
        server.healthCheckInterval = postgres.healthCheckInterval
        server.healthCheckTimeout = postgres.healthCheckTimeout
        server.connectTimeout = postgres.connectTimeout
        server.followTimeout = postgres.followTimeout
        server.rebuildRequest = rebuildRequest
        if let side = storage?.sideDirectory {
            // What must neither be copied nor go back with the data.
            server.passfile = "\(side)/passfile"
            server.logDirectory = "\(side)/log"
            server.setAsideDirectory = "\(side)/diverged"
        }
        server.guarding = PostgresServer.Settings.Guarding(
            program: try Self.guardProgram(),
            file: storage.map { "\($0.sideDirectory)/guard" }
                ?? "\(server.dataDirectory).guard",
            limit: failureDetection.guardLimit
        )
        return server
    }
}

extension SitterSettings {
    /// The guard's program, which lies beside this one, also after an upgrade replaced both.
    private static func guardProgram() throws(PostgresFailure) -> String {
        do {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return (own as NSString).deletingLastPathComponent + "/manatee-guard"
        } catch {
            throw PostgresFailure(.other, "cannot tell where this program lies: \(error)")
        }
    }
}

extension SitterSettings.ZooKeeperSettings {
    fileprivate func credentials() throws(ProgramFailure) -> StoreSettings.Credentials? {
        guard let credentialsFile else { return nil }
        // What it fails by was told by the check of the host; here only its form is left.
        let text = (try? String(contentsOfFile: credentialsFile, encoding: .utf8)) ?? ""
        let parts = text.prefix { !$0.isNewline }.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else {
            throw ProgramFailure(
                .configuration,
                "\(credentialsFile): found something else (not shown); expected one line, "
                    + "USER:PASSWORD; to mend it: write it, and keep the file's mode at 0600"
            )
        }
        return StoreSettings.Credentials(user: String(parts[0]), password: String(parts[1]))
    }
}

extension SitterSettings.StatusServer {
    /// What operators prove themselves by; nil if no file is named.
    func token() throws(ProgramFailure) -> OperatorToken? {
        guard let tokenFile else { return nil }
        // What it fails by was told by the check of the host; here only its form is left.
        let text = (try? String(contentsOfFile: tokenFile, encoding: .utf8)) ?? ""
        guard let token = OperatorToken(text) else {
            throw ProgramFailure(
                .configuration,
                "\(tokenFile): found less than 16 characters in its first line (not shown); expected a "
                    + "token; to mend it: run `(umask 077; openssl rand -hex 32 > \(tokenFile))`"
            )
        }
        return token
    }
}
