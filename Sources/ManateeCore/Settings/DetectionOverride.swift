/// What a shard's configuration says about failure detection; what it leaves out stays as it is.
package struct DetectionOverride: Hashable, Sendable {
    /// From which the limits come that are not given; nil: from the peer's own file.
    package var profile: FailureDetection.Profile?
    /// Limits by their names, 10 ms to 1 h each.
    package var limits: [String: Duration]

    /// By default it changes nothing.
    package init(profile: FailureDetection.Profile? = nil, limits: [String: Duration] = [:]) {
        self.profile = profile
        self.limits = limits
    }

    /// The limits that can be given.
    ///
    /// Not how often peers beat: they hear of a change at different times, and whoever beats more
    /// slowly than others expect is missed.
    package static var names: [String] {
        FailureDetection.named.map(\.name).filter { $0 != "beatInterval" }
    }

    /// Whether it changes nothing.
    package var isEmpty: Bool { profile == nil && limits.isEmpty }

    /// A peer's own limits with these in their place.
    package func applied(to own: FailureDetection) -> FailureDetection {
        var merged = profile.map { FailureDetection($0) } ?? own
        merged.beatInterval = own.beatInterval
        for (name, limit) in FailureDetection.named {
            if let given = limits[name] { merged[keyPath: limit] = given }
        }
        return merged
    }

    /// What cannot work, as far as that does not depend on the peer's own file.
    package var problems: [String] {
        limits.sorted { $0.key < $1.key }.compactMap { name, limit in
            guard Self.names.contains(name) else {
                return name == "beatInterval"
                    ? "failureDetection.beatInterval cannot be set for all peers at once: they would "
                        + "miss those that have heard of it first; set it in each sitter's own file"
                    : "failureDetection.\(name) is not known; known are profile, "
                        + Self.names.joined(separator: ", ")
            }
            guard (.milliseconds(10) ... .seconds(3600)).contains(limit) else {
                return "failureDetection.\(name) must be between 10ms and 1h"
            }
            return nil
        } + relations
    }

    /// Contradictions that every peer would find.
    private var relations: [String] {
        guard profile != nil || limits["calm"] != nil && limits["patience"] != nil else {
            return []
        }
        let merged = applied(to: FailureDetection(profile ?? .balanced))
        return merged.patience < merged.calm
            ? ["failureDetection: patience must not be shorter than calm"] : []
    }
}
