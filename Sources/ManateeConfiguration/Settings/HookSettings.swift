import ManateeCore
package import ManateePorts

/// Which commands are run when something happens to the peer.
package struct HookSettings: Equatable, Sendable {
    /// How long each may take, 100 ms to 10 min; default 10 s.
    package var limit: Duration
    /// A program's absolute path and its arguments, by what it is run at; default: none.
    package var commands: [HookEvent: [String]]

    /// The defaults.
    package static let standard = HookSettings(limit: .seconds(10), commands: [:])
}

extension HookSettings {
    init(yaml reading: inout SettingsReading) {
        limit = reading.value(
            "hooks.limit",
            .duration(.milliseconds(100) ... .seconds(600)),
            default: Self.standard.limit
        )
        commands = [:]
        for event in HookEvent.allCases {
            let key = "hooks.\(event.rawValue)"
            let words = reading.list(key, .text, default: [])
            guard let program = words.first else { continue }
            if !program.hasPrefix("/") {
                reading.complain(
                    key,
                    found: "the program `\(program)`",
                    expected: "an absolute path, and then its arguments; no shell reads them",
                    remedy: "write the program's path from `/` on"
                )
            }
            commands[event] = words
        }
    }

    var effectiveYAML: [String] {
        section("hooks", [("limit", DurationText.text(limit))])
            + HookEvent.allCases.flatMap { event in
                guard let words = commands[event] else { return [String]() }
                return ["  \(event.rawValue):"] + words.map { "    - \(quoted($0))" }
            }
    }
}
