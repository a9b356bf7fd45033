import ManateeConfiguration
import ManateeCore
import ManateeDaemon
import ManateeHTTP
import ManateeHeartbeat
import ManateeSitter
import ManateeStore

extension ProgramFailure {
    /// What the end of a service by `error` means to those who started the program.
    init(ending error: any Error) {
        switch error {
        case let failure as ProgramFailure: self = failure
        case let failure as SitterFailure: self.init(Self.status(failure), failure.description)
        case let failure as StoreFailure: self.init(Self.status(failure), failure.description)
        case let failure as PostgresFailure: self.init(Self.status(failure), failure.detail)
        case let failure as StatusServerFailure:
            self.init(Self.status(failure), failure.description)
        case let failure as HeartbeatFailure:
            self.init(failure.isTaken ? .temporary : .configuration, failure.description)
        default: self.init(.failure, "\(error)")
        }
    }

    private static func status(_ failure: SitterFailure) -> ExitStatus {
        switch failure {
        case .refused, .memory: .refused
        case .disk(let failure): status(failure)
        }
    }

    private static func status(_ failure: StoreFailure) -> ExitStatus {
        switch failure {
        case .settings: .configuration
        case .credentialsRefused, .notAllowed: .storeUnreachable
        }
    }

    private static func status(_ failure: PostgresFailure) -> ExitStatus {
        switch failure.kind {
        case .foreignDatabase: .refused
        case .noSpace, .sourceUnreachable: .temporary
        case .cancelled: .failure
        // At start, which is the only time that one ends the program, it is about files and programs.
        case .other: .configuration
        }
    }

    private static func status(_ failure: StatusServerFailure) -> ExitStatus {
        switch failure {
        case .portInUse: .temporary
        case .cannotListen: .configuration
        }
    }
}
