/// What all peers of a shard are told in common, by the store: it comes before each peer's own file.
package struct ClusterConfiguration: Hashable, Sendable {
    /// The number of the edit that led here, from 1; zero before the first.
    package var version: Int64
    /// Parameters of `postgresql.conf`, by their names in lower case.
    package var parameters: [String: String]
    /// How soon which evidence about other peers is acted on.
    package var detection: DetectionOverride

    /// The configuration of edit `version`; by default it changes nothing.
    package init(
        version: Int64 = 0,
        parameters: [String: String] = [:],
        detection: DetectionOverride = DetectionOverride()
    ) {
        self.version = version
        self.parameters = parameters
        self.detection = detection
    }

    /// What cannot be told to any peer, in an operator's words; sorted by what it is about.
    package var problems: [String] {
        parameters.sorted { $0.key < $1.key }.compactMap { name, value in
            ParameterRule.problem(with: name, value)
        } + detection.problems
    }

    /// Whether it asks for the same as `other`, whatever their numbers.
    package func asksTheSame(as other: ClusterConfiguration) -> Bool {
        parameters == other.parameters && detection == other.detection
    }

    /// A peer's own parameters with these in their place.
    package func parameters(over own: [String: String]) -> [String: String] {
        var merged: [String: String] = [:]
        for (name, value) in own { merged[name.lowercased()] = value }
        return merged.merging(parameters) { $1 }
    }
}
