import ManateeCore
import ManateeWire

/// The shard's configuration as operators read and write it: YAML.
enum ConfigurationText {
    /// The whole document.
    static func text(_ configuration: ClusterConfiguration) -> String {
        "version: \(configuration.version)\n" + body(configuration).map { $0 + "\n" }.joined()
    }

    /// All lines but the version's.
    static func body(_ configuration: ClusterConfiguration) -> [String] {
        var lines: [String] = []
        if !configuration.parameters.isEmpty {
            lines += ["postgresql:", "  parameters:"]
            lines += configuration.parameters.sorted { $0.key < $1.key }.map {
                "    \($0.key): \(scalar($0.value))"
            }
        }
        let detection = configuration.detection
        guard !detection.isEmpty else { return lines }
        lines.append("failureDetection:")
        lines += (detection.profile.map { ["  profile: \($0.rawValue)"] } ?? [])
        lines += detection.limits.sorted { $0.key < $1.key }.map {
            "  \($0.key): \(DurationText.text($0.value))"
        }
        return lines
    }

    /// The lines that differ, `-` before and `+` after, as two lists of settings.
    static func difference(
        from old: ClusterConfiguration,
        to new: ClusterConfiguration
    ) -> [String] {
        let (before, after) = (settings(old), settings(new))
        return Set(before.keys).union(after.keys).sorted().flatMap { key -> [String] in
            guard before[key] != after[key] else { return [] }
            return [
                before[key].map { "-\(key): \($0)" }, after[key].map { "+\(key): \($0)" },
            ].compactMap(\.self)
        }
    }

    private static func settings(_ configuration: ClusterConfiguration) -> [String: String] {
        var settings: [String: String] = [:]
        for (name, value) in configuration.parameters {
            settings["postgresql.parameters.\(name)"] = scalar(value)
        }
        for (name, limit) in configuration.detection.limits {
            settings["failureDetection.\(name)"] = DurationText.text(limit)
        }
        settings["failureDetection.profile"] = configuration.detection.profile?.rawValue
        return settings
    }

    /// A value that YAML reads back as it is.
    private static func scalar(_ text: String) -> String {
        let isPlain =
            text.first.map { $0.isASCII && ($0.isLetter || $0.isNumber) } == true
            && text.allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || "._%/-".contains($0))
            }
            && text.lowercased() != "null"
        return isPlain ? text : JSONText.text(.string(text))
    }
}
