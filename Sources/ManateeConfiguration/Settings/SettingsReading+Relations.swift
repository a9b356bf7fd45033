import ManateeCore

/// Relations between settings that no single value shows.
extension SettingsReading {
    /// The keys of the ports in one form of the file.
    struct PortKeys {
        var postgres: String
        var backup: String
        var status: String
        var heartbeat: String

        static let yaml = PortKeys(
            postgres: "peer.postgresPort",
            backup: "peer.backupPort",
            status: "statusServer.port",
            heartbeat: "heartbeat.port"
        )
        static let originalJSON = PortKeys(
            postgres: "postgresPort",
            backup: "backupPort",
            status: "statusPort",
            heartbeat: "heartbeatPort"
        )
    }

    /// Notes ports that collide, and a status port that only follows from postgres's and is none.
    mutating func checkPorts(of settings: SitterSettings, keys: PortKeys) {
        let (peer, status) = (settings.peer, settings.statusServer.port)
        if status > 65535 {
            complain(
                keys.postgres,
                found: "\(peer.postgresPort), so that the status port is \(status)",
                expected: "ports up to 65535",
                remedy: "set \(keys.status), or lower \(keys.postgres)"
            )
        }
        if status == peer.postgresPort {
            complain(
                keys.status,
                found: "\(status), which is also \(keys.postgres)",
                expected: "a port of its own",
                remedy:
                    "leave \(keys.status) out (it is then \(peer.postgresPort + 1)), or change it"
            )
        }
        let others = [peer.postgresPort, status, peer.backupPort]
        if peer.heartbeatPort > 65535 || others.contains(peer.heartbeatPort) {
            complain(
                keys.heartbeat,
                found: "\(peer.heartbeatPort)",
                expected: "a port of its own, up to 65535",
                remedy: "set \(keys.heartbeat) to a free port"
            )
        }
        if peer.backupPort == peer.postgresPort || peer.backupPort == status {
            let other = peer.backupPort == status ? "the status port" : keys.postgres
            complain(
                keys.backup,
                found: "\(peer.backupPort), which is also \(other)",
                expected: "a port of its own",
                remedy: "change \(keys.backup); it must equal the backup server's port"
            )
        }
    }

    /// Notes a guard that would let postgres run for longer than its peer is missed.
    mutating func checkGuardLimit(_ limit: Duration, sessionTimeout: Duration) {
        guard limit > sessionTimeout else { return }
        complain(
            "failureDetection.guardLimit",
            found: DurationText.text(limit),
            expected: "at most zookeeper.sessionTimeout, which is "
                + DurationText.text(sessionTimeout),
            remedy: "leave failureDetection.guardLimit out, or raise the other one"
        )
    }

    /// The encryption that these files stand for, noting which one is missing.
    mutating func tls(
        caFile: String?,
        certificateFile: String?,
        keyFile: String?
    ) -> SitterSettings.ZooKeeperSettings.TLS? {
        let identity: SitterSettings.ZooKeeperSettings.TLS.Identity?
        switch (certificateFile, keyFile) {
        case (let certificateFile?, let keyFile?):
            identity = .init(certificateFile: certificateFile, keyFile: keyFile)
        case (nil, nil):
            identity = nil
        case (.some, nil), (nil, .some):
            identity = nil
            complain(
                "zookeeper.tls",
                found: "only one of certificateFile and keyFile",
                expected: "both or neither",
                remedy: "add the other one, or remove this one"
            )
        }
        if let caFile { return .init(caFile: caFile, identity: identity) }
        if certificateFile != nil || keyFile != nil {
            complain(
                "zookeeper.tls",
                found: "no caFile",
                expected: "the authorities that the servers' certificates come from",
                remedy: "add zookeeper.tls.caFile"
            )
        }
        return nil
    }
}
