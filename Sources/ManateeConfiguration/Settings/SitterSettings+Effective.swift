import ManateeCore

extension SitterSettings {
    /// All settings as they are in effect, in Manatee's own form; reading it gives the same settings.
    package var effectiveYAML: String {
        var lines: [String] = []
        lines.append("shardPath: \(quoted(shardPath))")
        lines += section(
            "peer",
            [
                ("ip", quoted(peer.ip)),
                ("zoneId", quoted(peer.zoneID)),
                ("postgresPort", "\(peer.postgresPort)"),
                ("backupPort", "\(peer.backupPort)"),
            ]
        )
        lines += section(
            "statusServer",
            [
                ("listenAddress", quoted(statusServer.listenAddress)),
                ("port", "\(statusServer.port)"),
                ("tokenFile", statusServer.tokenFile.map(quoted)),
            ]
        )
        lines += section(
            "heartbeat",
            [
                ("listenAddress", quoted(heartbeat.listenAddress)),
                ("port", "\(peer.heartbeatPort)"),
            ]
        )
        lines += zooKeeper.effectiveYAML
        lines += postgres.effectiveYAML
        if let storage { lines += section("storage", storage.effectiveYAML) }
        lines += section("backup", [("tokenFile", quoted(backupTokenFile))])
        lines.append("oneNodeWriteMode: \(oneNodeWriteMode)")
        lines.append("rejoin: \(rejoin.rawValue)")
        lines.append("memoryFile: \(quoted(memoryFile))")
        lines += section(
            "failureDetection",
            [
                ("backOff", DurationText.text(failureDetection.backOff)),
                ("postgresRetry", DurationText.text(failureDetection.postgresRetry)),
                ("storeGrace", DurationText.text(failureDetection.storeGrace)),
                ("staleReadLimit", DurationText.text(failureDetection.staleReadLimit)),
                ("profile", failureDetection.profile.rawValue),
                ("guardLimit", DurationText.text(failureDetection.guardLimit)),
            ]
                + ManateeCore.FailureDetection.named.map { name, limit in
                    (name, DurationText.text(failureDetection.limits[keyPath: limit]))
                }
        )
        lines += space.effectiveYAML
        lines += hooks.effectiveYAML
        lines.append("logLevel: \(logLevel.rawValue)")
        return lines.joined(separator: "\n") + "\n"
    }
}

extension SitterSettings.ZooKeeperSettings {
    fileprivate var effectiveYAML: [String] {
        var lines = section(
            "zookeeper",
            [
                ("servers", quoted(servers)),
                ("sessionTimeout", DurationText.text(sessionTimeout)),
                ("credentialsFile", credentialsFile.map(quoted)),
            ]
        )
        if let tls {
            lines.append("  tls:")
            lines.append("    caFile: \(quoted(tls.caFile))")
            if let identity = tls.identity {
                lines.append("    certificateFile: \(quoted(identity.certificateFile))")
                lines.append("    keyFile: \(quoted(identity.keyFile))")
            }
        }
        return lines
    }
}

extension SitterSettings.PostgresSettings {
    fileprivate var effectiveYAML: [String] {
        var lines = section(
            "postgres",
            [
                ("dataDirectory", quoted(dataDirectory)),
                ("binDirectory", binDirectory.map(quoted)),
                ("osUser", osUser.map(quoted)),
                ("secretFile", quoted(secretFile)),
                ("socketDirectory", quoted(socketDirectory)),
                ("operationTimeout", DurationText.text(operationTimeout)),
                ("healthCheckInterval", DurationText.text(healthCheckInterval)),
                ("healthCheckTimeout", DurationText.text(healthCheckTimeout)),
                ("followTimeout", DurationText.text(followTimeout)),
                ("walKeepSize", walKeepSize),
                ("connectTimeout", DurationText.text(connectTimeout)),
            ]
        )
        if !parameters.isEmpty {
            lines.append("  parameters:")
            for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
                lines.append("    \(name): \(quoted(value))")
            }
        }
        lines += list("clientAccess", clientAccess.map(\.description))
        lines += list("replicationNetworks", replicationNetworks)
        return lines
    }

    private func list(_ name: String, _ elements: [String]) -> [String] {
        elements.isEmpty
            ? ["  \(name): []"] : ["  \(name):"] + elements.map { "    - \(quoted($0))" }
    }
}
