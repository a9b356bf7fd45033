import ManateeLocal

/// A manager of PostgreSQL with one of its settings.
package enum Contender: Sendable {
    /// This project's own with a profile of failure detection; its programs are in this directory.
    case manatee(profile: String, programs: String)
    /// Patroni with one of its timings; `patroni` and `patronictl` are in this directory.
    case patroni(PatroniTiming, programs: String)

    /// The manager, as results name it.
    var name: String {
        switch self {
        case .manatee: "manatee"
        case .patroni: "patroni"
        }
    }

    /// Its settings, as results name them.
    var profile: String {
        switch self {
        case .manatee(let profile, _): profile
        case .patroni(let timing, _): timing.rawValue
        }
    }

    /// The name of its directory.
    var title: String { "\(name)-\(profile)" }

    func system(on lab: Lab) throws -> any BenchSystem {
        switch self {
        case .manatee(let profile, let programs):
            ManateeSystem(lab: lab, profile: profile, programs: programs)
        case .patroni(let timing, let programs):
            PatroniSystem(
                lab: lab,
                timing: timing,
                programs: programs,
                binaries: try PostgresInstallation.newestBinaries()
            )
        }
    }
}
