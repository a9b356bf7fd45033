import ManateeCore
import ManateePorts

extension SitterSettings {
    /// Reads Manatee's own form; nil if something is missing or wrong, which `reading` then tells.
    init?(yaml reading: inout SettingsReading, host: String) {
        let ip = reading.required("peer.ip", .peerAddress, example: "10.0.0.7")
        let zoneID = reading.value("peer.zoneId", .text, default: host)
        let postgresPort = reading.value("peer.postgresPort", .port, default: 5432)
        let backupPort = reading.value("peer.backupPort", .port, default: 12345)
        let shardPath = reading.required("shardPath", .path, example: "/manatee/1")
        statusServer = StatusServer(
            listenAddress: reading.value(
                "statusServer.listenAddress",
                .listenAddress,
                default: "0.0.0.0"
            ),
            port: reading.value("statusServer.port", .port, default: postgresPort + 1),
            tokenFile: reading.optional("statusServer.tokenFile", .path)
        )
        heartbeat = Heartbeat(
            listenAddress: reading.value(
                "heartbeat.listenAddress",
                .listenAddress,
                default: "0.0.0.0"
            )
        )
        let heartbeatPort = reading.value(
            "heartbeat.port",
            .port,
            default: PeerIdentity.heartbeatPort(postgres: postgresPort, backup: backupPort)
        )
        let zooKeeper = ZooKeeperSettings(yaml: &reading)
        let storage = reading.storage()
        let postgres = PostgresSettings(yaml: &reading, storage: storage)
        oneNodeWriteMode = reading.value("oneNodeWriteMode", .boolean, default: false)
        rejoin = reading.value("rejoin", .choice, default: .auto)
        backupTokenFile = reading.value(
            "backup.tokenFile",
            .path,
            default: BackupServerSettings.standardTokenFile
        )
        let memoryFile = reading.optional("memoryFile", .path)
        failureDetection = FailureDetection(
            yaml: &reading,
            sessionTimeout: zooKeeper?.sessionTimeout ?? .seconds(10)
        )
        space = SpaceSettings(yaml: &reading)
        hooks = HookSettings(yaml: &reading)
        logLevel = reading.value("logLevel", .choice, default: .info)

        guard let ip, let shardPath, let zooKeeper, let postgres else { return nil }
        peer = PeerIdentity(
            ip: ip,
            zoneID: zoneID,
            postgresPort: postgresPort,
            backupPort: backupPort,
            postgresURL: PeerIdentity.postgresURL(ip: ip, port: postgresPort),
            heartbeatPort: heartbeatPort
        )
        self.shardPath = shardPath
        self.zooKeeper = zooKeeper
        self.postgres = postgres
        self.storage = storage
        self.memoryFile =
            memoryFile
            ?? PostgresSettings.path(
                of: "manatee-peer.json",
                beside: postgres.dataDirectory,
                storage
            )
        reading.checkPorts(of: self, keys: .yaml)
        reading.checkPlaces(of: self, keys: .yaml)
    }
}

extension SitterSettings.PeerIdentity {
    /// The port for beats beside these.
    static func heartbeatPort(postgres: Int, backup: Int) -> Int {
        backup == postgres + 2 ? postgres + 3 : postgres + 2
    }

    /// The URL by which postgres on `ip` is known.
    static func postgresURL(ip: String, port: Int) -> String {
        "tcp://postgres@\(ip.contains(":") ? "[\(ip)]" : ip):\(port)/postgres"
    }
}

extension SitterSettings.ZooKeeperSettings {
    init?(yaml reading: inout SettingsReading) {
        let servers = reading.required(
            "zookeeper.servers",
            .zooKeeperServers,
            example: "10.0.0.1:2181,10.0.0.2:2181,10.0.0.3:2181"
        )
        sessionTimeout = reading.value(
            "zookeeper.sessionTimeout",
            .duration(.seconds(1) ... .seconds(600)),
            default: .seconds(10)
        )
        credentialsFile = reading.optional("zookeeper.credentialsFile", .path)
        let caFile = reading.optional("zookeeper.tls.caFile", .path)
        let certificateFile = reading.optional("zookeeper.tls.certificateFile", .path)
        let keyFile = reading.optional("zookeeper.tls.keyFile", .path)
        tls = reading.tls(caFile: caFile, certificateFile: certificateFile, keyFile: keyFile)
        guard let servers else { return nil }
        self.servers = servers
    }
}

extension SitterSettings.PostgresSettings {
    init?(yaml reading: inout SettingsReading, storage: StorageSettings?) {
        let dataDirectory =
            if let storage {
                reading.value("postgres.dataDirectory", .path, default: "\(storage.dataPath)/data")
            } else {
                reading.required(
                    "postgres.dataDirectory",
                    .path,
                    example: "/var/lib/manatee/data"
                )
            }
        binDirectory = reading.optional("postgres.binDirectory", .path)
        osUser = reading.optional("postgres.osUser", .name)
        let secretFile = reading.optional("postgres.secretFile", .path)
        let socketDirectory = reading.optional("postgres.socketDirectory", .path)
        parameters = reading.dictionary("postgres.parameters", names: .name)
        clientAccess = reading.list(
            "postgres.clientAccess",
            .accessLine,
            default: [.standard]
        )
        replicationNetworks = reading.list(
            "postgres.replicationNetworks",
            .network,
            default: Self.standardReplicationNetworks
        )
        walKeepSize = reading.value("postgres.walKeepSize", .size, default: "512MB")
        operationTimeout = reading.value(
            "postgres.operationTimeout",
            .duration(.seconds(1) ... .seconds(86400)),
            default: .seconds(60)
        )
        healthCheckInterval = reading.value(
            "postgres.healthCheckInterval",
            .duration(.milliseconds(100) ... .seconds(3600)),
            default: .seconds(1)
        )
        healthCheckTimeout = reading.value(
            "postgres.healthCheckTimeout",
            .duration(.milliseconds(100) ... .seconds(3600)),
            default: .seconds(5)
        )
        followTimeout = reading.value(
            "postgres.followTimeout",
            .duration(.seconds(1) ... .seconds(3600)),
            default: .seconds(5)
        )
        connectTimeout = reading.value(
            "postgres.connectTimeout",
            .duration(.seconds(1) ... .seconds(600)),
            default: .seconds(5)
        )
        guard let dataDirectory else { return nil }
        self.dataDirectory = dataDirectory
        self.secretFile =
            secretFile ?? Self.path(of: "manatee.secrets", beside: dataDirectory, storage)
        self.socketDirectory =
            socketDirectory ?? Self.path(of: "socket", beside: dataDirectory, storage)
    }

    static let standardReplicationNetworks = ["samehost", "samenet"]

    /// The file `name` in the directory that holds `directory`, or beside the storage's data.
    static func path(
        of name: String,
        beside directory: String,
        _ storage: StorageSettings?
    ) -> String {
        if let storage { return "\(storage.sideDirectory)/\(name)" }
        let parent = directory.split(separator: "/").dropLast()
        return "/" + (parent + [Substring(name)]).joined(separator: "/")
    }
}

extension SitterSettings.FailureDetection {
    init(yaml reading: inout SettingsReading, sessionTimeout: Duration) {
        backOff = reading.value(
            "failureDetection.backOff",
            .duration(.milliseconds(10) ... .seconds(3600)),
            default: Self.standard.backOff
        )
        postgresRetry = reading.value(
            "failureDetection.postgresRetry",
            .duration(.milliseconds(10) ... .seconds(3600)),
            default: Self.standard.postgresRetry
        )
        storeGrace = reading.value(
            "failureDetection.storeGrace",
            .duration(.zero ... .seconds(3600)),
            default: Self.standard.storeGrace
        )
        staleReadLimit = reading.value(
            "failureDetection.staleReadLimit",
            .duration(.seconds(3) ... .seconds(3600)),
            default: Self.standard.staleReadLimit
        )
        let profile: ManateeCore.FailureDetection.Profile = reading.value(
            "failureDetection.profile",
            .choice,
            default: Self.standard.profile
        )
        self.profile = profile
        limits = ManateeCore.FailureDetection(profile)
        for (name, limit) in ManateeCore.FailureDetection.named {
            limits[keyPath: limit] = reading.value(
                "failureDetection.\(name)",
                .duration(.milliseconds(10) ... .seconds(3600)),
                default: limits[keyPath: limit]
            )
        }
        for problem in limits.problems {
            reading.complain(
                "failureDetection",
                found: "limits that contradict each other",
                expected: problem,
                remedy: "change one of them, or leave them to the profile"
            )
        }
        guardLimit = reading.value(
            "failureDetection.guardLimit",
            .duration(.seconds(1) ... .seconds(600)),
            default: sessionTimeout
        )
        reading.checkGuardLimit(guardLimit, sessionTimeout: sessionTimeout)
    }
}
