import ManateeLocal

/// A manager of PostgreSQL with one of its settings.
package enum Contender: Sendable {
    /// This project's own with a profile of failure detection; its programs are in this directory.
    case manatee(profile: String, programs: String)
    /// Patroni with one of its timings; `patroni` and `patronictl` are in this directory.
    case patroni(PatroniTiming, programs: String)

    /// The name of its directory.
    var title: String {
        switch self {
        case .manatee(let profile, _): "manatee-\(profile)"
        case .patroni(let timing, _): "patroni-\(timing.rawValue)"
        }
    }

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
