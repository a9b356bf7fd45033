import ArgumentParser
import UnixSignals

extension UnixSignal {
    /// The status with which a program ends that this signal ended.
    var exitCode: ExitCode { ExitCode(128 + rawValue) }
}
