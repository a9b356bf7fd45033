import ManateePorts

extension SitterSettings {
    /// Reads the original's `sitter.json`; nil if something is missing or wrong, which `reading` tells.
    ///
    /// Keys that only matter to the original's way of building postgres may be missing here. Without
    /// the ZFS keys the data lies in a plain directory.
    init?(originalJSON reading: inout SettingsReading) {
        let ip = reading.required("ip", .peerAddress, example: "\"10.0.0.7\"")
        let zoneID = reading.required("zoneId", .text, example: "\"peer1\"")
        let postgresPort = reading.required("postgresPort", .port, example: "5432")
        let backupPort = reading.required("backupPort", .port, example: "12345")
        let shardPath = reading.required("shardPath", .path, example: "\"/manatee/1\"")
        let servers = reading.required(
            "zkCfg.connStr",
            .zooKeeperServers,
            example: "\"10.0.0.1:2181\""
        )
        let sessionTimeout = reading.value(
            "zkCfg.opts.sessionTimeout",
            .number(of: .milliseconds(1), called: "milliseconds", 1000...600_000),
            default: .seconds(30)
        )
        let heartbeatPort = reading.optional("heartbeatPort", .port)
        let storage = reading.originalStorage()
        let postgres = PostgresSettings(originalJSON: &reading, storage: storage)
        let url = reading.optional("postgresMgrCfg.url", .postgresURL)
        oneNodeWriteMode = reading.value(
            "postgresMgrCfg.oneNodeWriteMode",
            .boolean,
            default: false
        )
        rejoin = reading.value("rejoin", .choice, default: .auto)
        backupTokenFile = reading.value(
            "backup.tokenFile",
            .path,
            default: BackupServerSettings.standardTokenFile
        )
        let memoryFile = reading.optional("memoryFile", .path)
        logLevel = reading.value("logLevel", .choice, default: .info)
        failureDetection = .standard
        failureDetection.guardLimit = sessionTimeout
        space = .standard
        hooks = .standard

        guard let ip, let zoneID, let postgresPort, let backupPort, let shardPath, let servers,
            let postgres
        else { return nil }
        peer = PeerIdentity(
            ip: ip,
            zoneID: zoneID,
            postgresPort: postgresPort,
            backupPort: backupPort,
            postgresURL: url
                ?? PeerIdentity.postgresURL(ip: ip, port: postgresPort),
            heartbeatPort: heartbeatPort
                ?? PeerIdentity.heartbeatPort(postgres: postgresPort, backup: backupPort)
        )
        heartbeat = Heartbeat(listenAddress: "0.0.0.0")
        self.shardPath = shardPath
        statusServer = StatusServer(listenAddress: "0.0.0.0", port: postgresPort + 1)
        zooKeeper = ZooKeeperSettings(
            servers: servers,
            sessionTimeout: sessionTimeout,
            credentialsFile: nil,
            tls: nil
        )
        self.postgres = postgres
        self.storage = storage
        self.memoryFile =
            memoryFile
            ?? PostgresSettings.path(
                of: "manatee-peer.json",
                beside: postgres.dataDirectory,
                storage
            )
        reading.checkPorts(of: self, keys: .originalJSON)
        reading.checkPlaces(of: self, keys: .originalJSON)
    }
}

extension SitterSettings.PostgresSettings {
    init?(originalJSON reading: inout SettingsReading, storage: StorageSettings?) {
        let dataDirectory = reading.required(
            "postgresMgrCfg.dataDir",
            .path,
            example: "\"/manatee/pg/data\""
        )
        let osUser = reading.required("postgresMgrCfg.dbUser", .name, example: "\"postgres\"")
        let configurationDirectory = reading.optional("postgresMgrCfg.postgresConfDir", .path)
        let secretFile = reading.optional("postgresMgrCfg.secretFile", .path)
        let socketDirectory = reading.optional("postgresMgrCfg.socketDir", .path)
        binDirectory = reading.optional("postgresMgrCfg.binDir", .path)
        parameters = reading.dictionary("postgresMgrCfg.parameters", names: .name)
        clientAccess = reading.list(
            "postgresMgrCfg.clientAccess",
            .accessLine,
            default: [.standard]
        )
        replicationNetworks = Self.standardReplicationNetworks
        walKeepSize = "512MB"
        operationTimeout = reading.value(
            "postgresMgrCfg.opsTimeout",
            .number(of: .milliseconds(1), called: "milliseconds", 1000...86_400_000),
            default: .seconds(60)
        )
        healthCheckInterval = reading.value(
            "postgresMgrCfg.healthChkInterval",
            .number(of: .milliseconds(1), called: "milliseconds", 100...3_600_000),
            default: .seconds(1)
        )
        healthCheckTimeout = reading.value(
            "postgresMgrCfg.healthChkTimeout",
            .number(of: .milliseconds(1), called: "milliseconds", 100...3_600_000),
            default: .seconds(5)
        )
        // What the original bounds by it, the sync's catching up, has no bound here.
        _ = reading.optional(
            "postgresMgrCfg.replicationTimeout",
            .number(of: .milliseconds(1), called: "milliseconds", 1000...86_400_000)
        )
        followTimeout = .seconds(5)
        connectTimeout = reading.value(
            "postgresMgrCfg.pgConnectTimeout",
            .number(of: .seconds(1), called: "seconds", 1...600),
            default: .seconds(5)
        )
        guard let dataDirectory, let osUser else { return nil }
        self.dataDirectory = dataDirectory
        self.osUser = osUser
        self.socketDirectory =
            socketDirectory ?? Self.path(of: "socket", beside: dataDirectory, storage)
        self.secretFile =
            secretFile ?? configurationDirectory.map { "\($0)/manatee.secrets" }
            ?? Self.path(of: "manatee.secrets", beside: dataDirectory, storage)
    }
}

extension SettingsReading {
    /// The data set of the original's ZFS client; nil if the file has none, or has it wrongly.
    mutating func originalStorage() -> StorageSettings? {
        let section = "postgresMgrCfg.zfsClientCfg"
        guard let dataset = optional("\(section).dataset", .dataset),
            let mountpoint = required(
                "\(section).mountpoint",
                .path,
                example: "\"/manatee/pg\""
            )
        else { return nil }
        let program = value("\(section).zfsPath", .path, default: ZFSSettings.standardPath)
        return .zfs(ZFSSettings(dataset: dataset, mountpoint: mountpoint, zfsPath: program))
    }
}
