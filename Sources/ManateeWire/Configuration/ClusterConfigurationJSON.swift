package import ManateeCore

/// The shard's configuration as the store keeps it, and as operators write it.
///
///     {"version": 3,
///      "postgresql": {"parameters": {"work_mem": "64MB"}},
///      "failureDetection": {"profile": "fast", "silence": "1500ms"}}
///
/// Unlike the cluster state it is read strictly: what is not understood was meant for somebody, and
/// nobody would carry it out.
package enum ClusterConfigurationJSON {
    /// The most that is read, in bytes: far more than all parameters of PostgreSQL have.
    package static let maximumBytes = 65_536

    /// Reads what the store holds.
    ///
    /// - Throws: `ClusterConfigurationFault`, with all that is wrong.
    package static func decode(
        _ bytes: [UInt8]
    ) throws(ClusterConfigurationFault) -> ClusterConfiguration {
        guard bytes.count <= maximumBytes else {
            throw ClusterConfigurationFault([
                "the document has \(bytes.count) bytes; at most \(maximumBytes) are possible"
            ])
        }
        let value: JSONValue
        do {
            value = try JSONText.parse(bytes, document: "the document")
        } catch {
            throw ClusterConfigurationFault([error.description])
        }
        return try decode(value)
    }

    /// Reads a document whose words are all texts, too, as YAML has them.
    ///
    /// - Throws: `ClusterConfigurationFault`, with all that is wrong.
    package static func decode(
        _ value: JSONValue
    ) throws(ClusterConfigurationFault) -> ClusterConfiguration {
        var reading = Reading()
        let fields = reading.section(
            value,
            "",
            known: ["version", "postgresql", "failureDetection"]
        )
        var configuration = ClusterConfiguration()
        configuration.version = reading.version(fields["version"])
        let postgresql = reading.section(
            fields["postgresql"],
            "postgresql",
            known: ["parameters"]
        )
        let parameters = reading.section(postgresql["parameters"], "postgresql.parameters")
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            let key = "postgresql.parameters.\(name)"
            guard let text = reading.text(value, key) else { continue }
            if configuration.parameters.updateValue(text, forKey: name.lowercased()) != nil {
                reading.problems.append("\(key): given twice")
            }
        }
        let detection = reading.section(fields["failureDetection"], "failureDetection")
        for (name, value) in detection.sorted(by: { $0.key < $1.key }) {
            reading.detection(name, value, into: &configuration.detection)
        }
        let problems = reading.problems + configuration.problems
        guard problems.isEmpty else { throw ClusterConfigurationFault(problems) }
        return configuration
    }

    /// The bytes to store: one line.
    package static func encode(_ configuration: ClusterConfiguration) -> [UInt8] {
        JSONText.write(value(configuration))
    }

    /// The document; sections that say nothing are left out.
    package static func value(_ configuration: ClusterConfiguration) -> JSONValue {
        var fields: [String: JSONValue] = ["version": .integer(configuration.version)]
        if !configuration.parameters.isEmpty {
            fields["postgresql"] = .object([
                "parameters": .object(configuration.parameters.mapValues(JSONValue.string))
            ])
        }
        var detection = configuration.detection.limits.mapValues {
            JSONValue.string(DurationText.text($0))
        }
        if let profile = configuration.detection.profile {
            detection["profile"] = .string(profile.rawValue)
        }
        if !detection.isEmpty { fields["failureDetection"] = .object(detection) }
        return .object(fields)
    }
}

/// Why a document is no configuration of a shard.
package struct ClusterConfigurationFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, one sentence each; never empty.
    package var problems: [String]

    init(_ problems: [String]) {
        self.problems = problems
    }

    /// All of it in one line.
    package var description: String { problems.joined(separator: "; ") }
}

/// One pass over a document, that gathers what is wrong.
private struct Reading {
    var problems: [String] = []

    /// The members of a section; none if there is none, which is fine, or something else.
    mutating func section(
        _ value: JSONValue?,
        _ key: String,
        known: Set<String>? = nil
    ) -> [String: JSONValue] {
        switch value {
        case nil, .null: return [:]
        case .object(let members):
            for name in members.keys.sorted() where known?.contains(name) == false {
                let place = key.isEmpty ? name : "\(key).\(name)"
                let names = (known ?? []).sorted().joined(separator: ", ")
                problems.append("\(place): an unknown key; known are \(names)")
            }
            return members
        case .boolean, .integer, .number, .string, .array:
            let place = key.isEmpty ? "the document" : key
            problems.append(
                "\(place): found \(JSONText.found(value)), expected a section with keys"
            )
            return [:]
        }
    }

    mutating func version(_ value: JSONValue?) -> Int64 {
        switch value {
        case nil, .null: return 0
        case .integer(let number) where number >= 0: return number
        case .string(let text):
            if let number = Int64(text), number >= 0 { return number }
        case .boolean, .integer, .number, .array, .object: break
        }
        problems.append("version: found \(JSONText.found(value)), expected a whole number")
        return 0
    }

    /// A value as the file of postgres has it.
    mutating func text(_ value: JSONValue, _ key: String) -> String? {
        switch value {
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .number(let number): return "\(number)"
        case .boolean(let flag): return flag ? "on" : "off"
        case .null, .array, .object:
            problems.append("\(key): found \(JSONText.found(value)), expected one value")
            return nil
        }
    }

    mutating func detection(
        _ name: String,
        _ value: JSONValue,
        into detection: inout DetectionOverride
    ) {
        let key = "failureDetection.\(name)"
        guard let text = text(value, key) else { return }
        if name == "profile" {
            detection.profile = FailureDetection.Profile(rawValue: text)
            if detection.profile == nil {
                let names = FailureDetection.Profile.allCases.map(\.rawValue)
                problems.append(
                    "\(key): found `\(text)`, expected one of \(names.joined(separator: ", "))"
                )
            }
        } else if let limit = DurationText.parse(text) {
            detection.limits[name] = limit
        } else {
            problems.append("\(key): found `\(text)`, expected a duration such as 250ms or 2s")
        }
    }
}
