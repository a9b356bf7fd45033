import ArgumentParser
import Foundation
import ManateeLocal

/// A local shard in a temporary directory, for the length of one command.
struct TemporaryShard {
    let shard: DevShard
    let directory: DevDirectory

    /// Prepares the shard, of which nothing runs yet, before anything else is started.
    ///
    /// - Parameters:
    ///   - name: how its directory's name begins.
    ///   - storage: what its data lies on.
    ///   - change: changes what is to be unlike the defaults.
    /// - Throws: why it could not be prepared: a program that is not there, no room, no right to mount.
    init(
        _ name: String,
        on storage: DevStorage,
        _ change: (inout DevShard.Options) -> Void
    ) async throws {
        try PrivateMounts.enter(for: storage)
        let temporary = FileManager.default.temporaryDirectory.path
        let number = String(UInt32.random(in: 0 ... .max), radix: 16)
        directory = DevDirectory(path: "\(temporary)/\(name)-\(number)")
        var options = DevShard.Options(sitterProgram: try Programs.path("manatee-sitter"))
        options.storage = storage
        options.backupServerProgram = try Programs.path("manatee-backupserver")
        // Several commands at a time look for ports in different places.
        options.firstPort = Int.random(in: 1100...1450) * PortPlan.step
        change(&options)
        shard = try await DevShard.prepare(in: directory, options)
    }

    /// Runs `body` until it ends or the user ends it, and stops the shard.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Result<Interruptible.Outcome<Value>, any Error> {
        let outcome = await Interruptible.run(body)
        await shard.stopAll()
        try await shard.unmount()
        return outcome
    }

    /// Disturbs the shard and says what came of it; the directory is kept only after a failure.
    ///
    /// - Throws: why it could not be played to its end; `ExitCode.failure` if the shard did not bear it.
    func disturb(_ play: @escaping @Sendable () async throws -> some ChaosReport) async throws {
        let outcome = try await run(play)
        guard case .success(.done(let report)) = outcome, report.succeeded else {
            say("kept for a look: \(directory.path)")
            if case .done(let report) = try outcome.get() { say(report.json) }
            throw ExitCode.failure
        }
        try directory.remove()
        say(report.json)
    }
}
