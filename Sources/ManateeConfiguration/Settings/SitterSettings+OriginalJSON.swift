extension SitterSettings {
    /// Reads the original's `sitter.json`; nil if something is missing or wrong, which `reading` tells.
    ///
    /// Keys that only matter to ZFS or to the original's way of building postgres may be missing here.
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
        let postgres = PostgresSettings(originalJSON: &reading)
        let url = reading.optional("postgresMgrCfg.url", .postgresURL)
        oneNodeWriteMode = reading.value(
            "postgresMgrCfg.oneNodeWriteMode",
            .boolean,
            default: false
        )
        rejoin = reading.value("rejoin", .choice, default: .auto)
        let memoryFile = reading.optional("memoryFile", .path)
        logLevel = reading.value("logLevel", .choice, default: .info)
        failureDetection = .standard

        guard let ip, let zoneID, let postgresPort, let backupPort, let shardPath, let servers,
            let postgres
        else { return nil }
        peer = PeerIdentity(
            ip: ip,
            zoneID: zoneID,
            postgresPort: postgresPort,
            backupPort: backupPort,
            postgresURL: url
                ?? PeerIdentity.postgresURL(
                    user: postgres.databaseUser,
                    ip: ip,
                    port: postgresPort
                )
        )
        self.shardPath = shardPath
        statusServer = StatusServer(listenAddress: "0.0.0.0", port: postgresPort + 1)
        zooKeeper = ZooKeeperSettings(
            servers: servers,
            sessionTimeout: sessionTimeout,
            credentialsFile: nil,
            tls: nil
        )
        self.postgres = postgres
        self.memoryFile = memoryFile ?? postgres.beside("manatee-peer.json")
        reading.checkPorts(of: self, keys: .originalJSON)
    }
}

extension SitterSettings.PostgresSettings {
    init?(originalJSON reading: inout SettingsReading) {
        let dataDirectory = reading.required(
            "postgresMgrCfg.dataDir",
            .path,
            example: "\"/manatee/pg/data\""
        )
        // The original names one user for the system and the database.
        let user = reading.required("postgresMgrCfg.dbUser", .name, example: "\"postgres\"")
        let configurationDirectory = reading.optional("postgresMgrCfg.postgresConfDir", .path)
        let secretFile = reading.optional("postgresMgrCfg.secretFile", .path)
        binDirectory = reading.optional("postgresMgrCfg.binDir", .path)
        socketDirectory = nil
        parameters = [:]
        clientAccess = []
        replicationNetworks = []
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
        replicationTimeout = reading.value(
            "postgresMgrCfg.replicationTimeout",
            .number(of: .milliseconds(1), called: "milliseconds", 1000...86_400_000),
            default: .seconds(60)
        )
        connectTimeout = reading.value(
            "postgresMgrCfg.pgConnectTimeout",
            .number(of: .seconds(1), called: "seconds", 1...600),
            default: .seconds(5)
        )
        guard let dataDirectory, let user else { return nil }
        self.dataDirectory = dataDirectory
        osUser = user
        databaseUser = user
        self.secretFile = secretFile ?? configurationDirectory.map { "\($0)/manatee.secrets" } ?? ""
        if self.secretFile.isEmpty { self.secretFile = beside("manatee.secrets") }
    }
}
