/// The configuration of one sitter of a local shard, in Manatee's own format.
package enum SitterYAML {
    /// The text of the file.
    ///
    /// - Parameters:
    ///   - peer: which peer, counted from 1.
    ///   - settings: the shard's settings.
    ///   - directory: where the shard lives.
    ///   - asRoot: whether the sitter runs as root; postgres then needs a user of its own.
    /// - Returns: YAML.
    package static func text(
        peer: Int,
        settings: DevSettings,
        directory: DevDirectory,
        asRoot: Bool
    ) -> String {
        let user = asRoot ? "\n  osUser: \(DevConfigurationWriter.postgresUser)" : ""
        let ports = settings.ports.peers[peer - 1]
        let storage = (settings.storageYAML(peer, in: directory)).map { $0 + "\n" }.joined()
        let backup =
            storage.isEmpty
            ? "" : "backup:\n  tokenFile: \(quoted(directory.backupTokenFile))\n"
        return """
            # Peer \(peer) of a local shard, written by manatee-dev; changes are lost at its next start.
            shardPath: /manatee/\(settings.shard)
            peer:
              ip: 127.0.0.1
              zoneId: peer\(peer)
              postgresPort: \(ports.postgres)
              backupPort: \(ports.backup)
            statusServer:
              listenAddress: 127.0.0.1
              port: \(ports.status)
              tokenFile: \(quoted(directory.operatorTokenFile))
            heartbeat:
              listenAddress: 127.0.0.1
              port: \(ports.heartbeat)
            zookeeper:
              servers: \(settings.storeServers)
              sessionTimeout: \(settings.sessionTimeoutMilliseconds)ms
            postgres:\(user)
              dataDirectory: \(quoted(settings.dataDirectory(peer, in: directory)))
              socketDirectory: \(quoted(directory.socketDirectory(peer)))
              secretFile: \(quoted(directory.secretsFile))
              clientAccess:
                - host app app 127.0.0.1/32 scram-sha-256
              replicationNetworks:
                - 127.0.0.1/32
              healthCheckInterval: 1s
            \(storage)\(backup)failureDetection:
              backOff: 200ms
              postgresRetry: 200ms

            """
    }

    /// A double-quoted YAML scalar.
    static func quoted(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }
}
