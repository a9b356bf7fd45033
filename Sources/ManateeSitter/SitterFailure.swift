package import ManateeCore

/// Why a sitter ended without being told to.
package enum SitterFailure: Error, Equatable, CustomStringConvertible {
    /// Going on would be wrong, and only an operator can help.
    case refused(FatalReason)
    /// The peer's memory cannot be read.
    case memory(EffectFailure)
    /// The peer's disk is unusable.
    case disk(PostgresFailure)

    /// What is wrong and what to do.
    package var description: String {
        switch self {
        case .refused(let reason): reason.description
        case .memory(let failure): failure.detail
        case .disk(let failure): failure.detail
        }
    }
}
