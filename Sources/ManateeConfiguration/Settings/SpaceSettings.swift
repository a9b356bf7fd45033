package import ManateeCore

/// What is done about a disk that fills up.
package struct SpaceSettings: Equatable, Sendable {
    /// Below it an operator is warned; default 10 %.
    package var warning: SpaceAmount
    /// Below it other peers are preferred; default 256 MB.
    package var critical: SpaceAmount
    /// How much is kept for recovery; default 64 MB.
    package var reserve: SpaceAmount

    /// The defaults.
    package static let standard = SpaceSettings(
        warning: .percent(10),
        critical: .bytes(256 << 20),
        reserve: .bytes(64 << 20)
    )
}

extension SpaceSettings {
    init(yaml reading: inout SettingsReading) {
        warning = reading.value("space.warning", .amount, default: Self.standard.warning)
        critical = reading.value("space.critical", .amount, default: Self.standard.critical)
        reserve = reading.value("space.reserve", .amount, default: Self.standard.reserve)
    }

    var effectiveYAML: [String] {
        section(
            "space",
            [
                ("warning", SpaceText.text(warning)), ("critical", SpaceText.text(critical)),
                ("reserve", SpaceText.text(reserve)),
            ]
        )
    }
}
