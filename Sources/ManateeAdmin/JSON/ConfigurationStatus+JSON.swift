import ManateeCore
package import ManateePorts

extension ConfigurationStatus {
    /// What a sitter says in the answer of `/state`; nil if it says nothing of the configuration.
    ///
    /// - Throws: `AdmFailure` if it is no JSON.
    package init?(answer: [UInt8]) throws {
        let config = try StoredJSON.value(answer, "/state")["config"]
        guard let config, case .integer(let version)? = config["version"] else { return nil }
        var waiting: [String] = []
        if case .array(let names)? = config["pendingRestart"] { waiting = names.compactMap(\.text) }
        self.init(version: version, problem: config["problem"]?.text, pendingRestart: waiting)
        guard let limits = config["failureDetection"], case .object = limits else { return }
        var found = FailureDetection()
        for (name, limit) in FailureDetection.named {
            guard let given = limits[name]?.text.flatMap({ DurationText.parse($0) }) else { return }
            found[keyPath: limit] = given
        }
        detection = found
    }
}
