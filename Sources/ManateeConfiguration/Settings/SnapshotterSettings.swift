package import ManateeCore
package import ManateePorts

/// Everything that a snapshotter must be told, validated.
package struct SnapshotterSettings: Equatable, Sendable {
    /// What the data lies on.
    package var storage: StorageSettings
    /// The time from one snapshot to the next, 1 s to 30 days; default 1 h.
    package var period: Duration
    /// How many snapshots are kept, 1 to 10000; default 10.
    package var number: Int
    /// How old they may become; nil, the default, means that age does not matter.
    package var maximumAge: Duration?
    /// How much must stay free: below it the oldest go and none is taken; default 10 %.
    package var minimumFree: SpaceAmount?
    /// The sitter's status server, asked before each snapshot; nil, the default, asks nobody.
    package var healthURL: String?
    /// The lowest level that is logged; default `info`.
    package var logLevel: SitterSettings.LogThreshold
}

extension SnapshotterSettings {
    /// Reads Manatee's own form; nil if something is missing or wrong, which `reading` then tells.
    init?(yaml reading: inout SettingsReading) {
        let storage = reading.requiredStorage()
        period = reading.value(
            "period",
            .duration(.seconds(1) ... .seconds(30 * 86400)),
            default: .seconds(3600)
        )
        number = reading.value("number", .count(1...10000), default: 10)
        maximumAge = reading.optional(
            "maximumAge",
            .duration(.seconds(1) ... .seconds(10 * 365 * 86400))
        )
        minimumFree = reading.value("minimumFree", .amount, default: .percent(10))
        healthURL = reading.optional("healthUrl", .httpURL)
        logLevel = reading.value("logLevel", .choice, default: .info)
        guard let storage else { return nil }
        self.storage = storage
    }

    /// Reads the original's `snapshotter.json`; nil if something is missing or wrong.
    ///
    /// Its snapshots are of a ZFS data set. Where that is mounted is not told, and not needed to take,
    /// list and destroy them: ZFS's own default stands in.
    init?(originalJSON reading: inout SettingsReading) {
        let dataset = reading.required(
            "dataset",
            .dataset,
            example: "\"zones/peer1/data/manatee\""
        )
        period = reading.value(
            "pollInterval",
            .number(of: .milliseconds(1), called: "milliseconds", 1000...2_592_000_000),
            default: .seconds(1)
        )
        number = reading.value("snapshotNumber", .count(1...10000), default: 10)
        healthURL = reading.optional("healthUrl", .httpURL)
        logLevel = reading.value("logLevel", .choice, default: .info)
        maximumAge = nil
        minimumFree = nil
        for ignored in ["pgUrl", "startupDelay"] { reading.ignore(ignored) }
        guard let dataset else { return nil }
        storage = .zfs(ZFSSettings(dataset: dataset, mountpoint: "/\(dataset)"))
    }

    /// All settings as they are in effect, in Manatee's own form; reading it gives the same settings.
    package var effectiveYAML: String {
        var lines = section("storage", storage.effectiveYAML)
        lines.append("period: \(DurationText.text(period))")
        lines.append("number: \(number)")
        if let maximumAge { lines.append("maximumAge: \(DurationText.text(maximumAge))") }
        lines.append("minimumFree: \(minimumFree.map(SpaceText.text) ?? "0%")")
        if let healthURL { lines.append("healthUrl: \(quoted(healthURL))") }
        lines.append("logLevel: \(logLevel.rawValue)")
        return lines.joined(separator: "\n") + "\n"
    }
}
