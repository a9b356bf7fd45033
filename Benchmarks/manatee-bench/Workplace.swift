import ArgumentParser
import Foundation
import ManateeLocal
import UnixSignals

/// The temporary directory of one measurement.
enum Workplace {
    /// Runs `body` with a new directory, which is removed at the end unless it is kept.
    ///
    /// - Throws: what `body` throws; `ExitCode` after a signal.
    static func with(
        keep: Bool,
        _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        let name = "manatee-bench-" + String(UInt32.random(in: 0 ... .max), radix: 16)
        let directory = FileManager.default.temporaryDirectory.path + "/" + name
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755]
        )
        let outcome = await Interruptible.run { try await body(directory) }
        if keep {
            say("kept: \(directory)")
        } else {
            try FileManager.default.removeItem(atPath: directory)
        }
        if case .interrupted(let signal) = try outcome.get() {
            throw ExitCode(128 + signal.rawValue)
        }
    }
}
