import ManateeCore
package import ManateePorts

/// Everything that a backup server must be told, validated.
package struct BackupServerSettings: Equatable, Sendable {
    /// Where the token is looked for if the file does not say.
    package static let standardTokenFile = "/etc/manatee/backup.token"

    /// What the data lies on.
    package var storage: StorageSettings
    /// The address to listen on; default all.
    package var listenAddress: String
    /// The port, the third part of the peer's identity; default 12345.
    package var port: Int
    /// The file with the token that a request has to carry.
    package var tokenFile: String
    /// How many transfers may run at once, 1 to 16; default 2.
    package var jobLimit: Int
    /// How long a receiver may be silent before its transfer ends, 5 s to 1 h; default 60 s.
    package var jobExpiry: Duration
    /// The most that one transfer sends in a second, in bytes; nil, the default: no limit.
    package var rateLimit: Int64?
    /// The lowest level that is logged; default `info`.
    package var logLevel: SitterSettings.LogThreshold
}

extension SettingKind where Value == Int64 {
    /// Bytes in a second.
    fileprivate static var rate: Self {
        SettingKind(
            expected: "bytes in a second with kB, MB or GB, at least 1kB",
            remedy: "write for example 100MB"
        ) { text, _ in
            guard case .bytes(let bytes) = SpaceText.parse(text), bytes >= 1024 else { return nil }
            return bytes
        }
    }
}

extension BackupServerSettings {
    /// Reads Manatee's own form; nil if something is missing or wrong, which `reading` then tells.
    init?(yaml reading: inout SettingsReading) {
        let storage = reading.requiredStorage()
        listenAddress = reading.value("listenAddress", .listenAddress, default: "0.0.0.0")
        port = reading.value("port", .port, default: 12345)
        tokenFile = reading.value("tokenFile", .path, default: Self.standardTokenFile)
        jobLimit = reading.value("jobLimit", .count(1...16), default: 2)
        jobExpiry = reading.value(
            "jobExpiry",
            .duration(.seconds(5) ... .seconds(3600)),
            default: .seconds(60)
        )
        rateLimit = reading.optional("rateLimit", .rate)
        logLevel = reading.value("logLevel", .choice, default: .info)
        guard let storage else { return nil }
        self.storage = storage
    }

    /// Reads the original's `backupserver.json`; nil if something is missing or wrong.
    ///
    /// Its snapshots are of a ZFS data set. Where that is mounted is not told, and not needed to send
    /// them: ZFS's own default stands in.
    init?(originalJSON reading: inout SettingsReading) {
        let port = reading.required("backupServerCfg.port", .port, example: "12345")
        let dataset = reading.required(
            "backupSenderCfg.dataset",
            .dataset,
            example: "\"zones/peer1/data/manatee\""
        )
        let zfsPath = reading.value(
            "backupSenderCfg.zfsPath",
            .path,
            default: ZFSSettings.standardPath
        )
        listenAddress = "0.0.0.0"
        tokenFile = reading.value("tokenFile", .path, default: Self.standardTokenFile)
        jobLimit = 2
        jobExpiry = .seconds(60)
        rateLimit = nil
        logLevel = reading.value("logLevel", .choice, default: .info)
        guard let port, let dataset else { return nil }
        self.port = port
        storage = .zfs(
            ZFSSettings(dataset: dataset, mountpoint: "/\(dataset)", zfsPath: zfsPath)
        )
    }

    /// All settings as they are in effect, in Manatee's own form; reading it gives the same settings.
    package var effectiveYAML: String {
        var lines = section("storage", storage.effectiveYAML)
        lines.append("listenAddress: \(quoted(listenAddress))")
        lines.append("port: \(port)")
        lines.append("tokenFile: \(quoted(tokenFile))")
        lines.append("jobLimit: \(jobLimit)")
        lines.append("jobExpiry: \(DurationText.text(jobExpiry))")
        if let rateLimit { lines.append("rateLimit: \(SpaceText.text(.bytes(rateLimit)))") }
        lines.append("logLevel: \(logLevel.rawValue)")
        return lines.joined(separator: "\n") + "\n"
    }
}
