import ArgumentParser
import Foundation
import ManateeBench
import ManateeLocal

/// Who is measured, as options say it.
struct ContenderOptions: ParsableArguments {
    @Option(help: ArgumentHelp("manatee, patroni; separated by commas.", valueName: "NAMES"))
    var systems = "manatee"

    @Option(
        help: ArgumentHelp(
            "Manatee's failure detection: fast, balanced, conservative; separated by commas.",
            valueName: "NAMES"
        )
    )
    var profiles = "balanced"

    @Option(help: ArgumentHelp("Patroni's timing: default, fastest.", valueName: "NAMES"))
    var timings = "default,fastest"

    @Option(
        help: ArgumentHelp(
            "Where patroni and patronictl are (pip install 'patroni[etcd3]' psycopg-binary).",
            valueName: "DIR"
        )
    )
    var patroniPrograms = "/usr/local/bin"

    func validate() throws {
        for name in systems.list where !["manatee", "patroni"].contains(name) {
            throw ValidationError("--systems knows manatee and patroni, not \(name)")
        }
        try Self.check(profiles: profiles)
        for name in timings.list where PatroniTiming(rawValue: name) == nil {
            throw ValidationError("--timings knows default and fastest, not \(name)")
        }
    }

    /// Refuses names of which none is a profile.
    static func check(profiles: String) throws {
        for name in profiles.list where !["fast", "balanced", "conservative"].contains(name) {
            throw ValidationError("--profiles knows fast, balanced, conservative; not \(name)")
        }
    }

    /// Manatee with each of its profiles, if it was asked for.
    var own: [Contender] {
        get throws {
            guard systems.list.contains("manatee") else { return [] }
            let programs = try Programs.directory
            return profiles.list.map { .manatee(profile: $0, programs: programs) }
        }
    }

    /// The others, each with its settings, if they were asked for.
    var others: [Contender] {
        guard systems.list.contains("patroni") else { return [] }
        let programs = URL(filePath: patroniPrograms).path
        return timings.list.compactMap(PatroniTiming.init)
            .map { .patroni($0, programs: programs) }
    }
}

extension String {
    /// The names in a list that is separated by commas.
    var list: [String] { split(separator: ",").map(String.init) }
}
