import ManateePorts
import Subprocess
import Synchronization
import SystemPackage

/// Looks at a stream on its way into a receiver that would not notice everything.
protocol StreamCheck: Sendable {
    /// The next bytes.
    mutating func take(_ chunk: [UInt8]) throws(StorageFailure)
    /// The end of the stream.
    func finish() throws(StorageFailure)
}

/// Nothing to check: the receiver notices by itself.
struct NoStreamCheck: StreamCheck {
    mutating func take(_ chunk: [UInt8]) {}
    func finish() {}
}

/// Runs commands that write or read a stream; they end with the task that asked for them.
struct StreamRunner: Sendable {
    /// How much of a command's output is handed over at once, in bytes; what a frame of a copy holds.
    static let piece = 256 << 10
    /// How much a command may say on its standard error, in bytes.
    static let errorLimit = 1 << 20

    /// What a failed tool's last words mean.
    var kind: @Sendable (String) -> StorageFailure.Kind

    /// Runs a sender, and `body` with what it writes.
    ///
    /// - Throws: what `body` throws; `StorageFailure` if the sender fails and `body` did not notice.
    func send<Value: Sendable>(
        _ command: ToolCommand,
        _ body: @Sendable (any StorageStream) async throws -> Value
    ) async throws -> Value {
        try await Self.lend(
            command,
            { handover in
                try await Self.run(command, kind: kind, into: handover)
            },
            to: body
        )
    }

    /// Runs `body` with what `source` hands over, and ends `source` behind it.
    static func lend<Value: Sendable>(
        _ command: ToolCommand,
        _ source: @escaping @Sendable (Handover) async throws -> Void,
        to body: @Sendable (any StorageStream) async throws -> Value
    ) async throws -> Value {
        let handover = Handover()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pump(command, source, into: handover) }
            do {
                let value = try await body(HandoverStream(handover: handover))
                if !handover.isFinished {
                    // The rest is not wanted: how the sender ends does not matter.
                    group.cancelAll()
                    return value
                }
                try await group.waitForAll()
                return value
            } catch {
                group.cancelAll()
                throw error
            }
        }
    }

    private static func pump(
        _ command: ToolCommand,
        _ source: @Sendable (Handover) async throws -> Void,
        into handover: Handover
    ) async throws {
        do {
            try await source(handover)
            handover.finish()
        } catch is Abandoned {
            handover.finish(throwing: CancellationError())
        } catch {
            let failure =
                Task.isCancelled
                ? StorageFailure(.cancelled, "'\(command.words)' was cancelled")
                : error
            handover.finish(throwing: failure)
            throw failure
        }
    }

    /// Hands a program's output over, and closes the pipe.
    static func pass(_ output: ToolPipe, to handover: Handover) async throws {
        while let piece = await output.next(Self.piece) {
            do {
                try await handover.put(piece)
            } catch is CancellationError {
                await output.close()
                throw Abandoned()
            }
        }
        await output.close()
    }

    /// The consumer needs no more: the sender is ended, and nothing is wrong.
    private struct Abandoned: Error {}

    private static func run(
        _ command: ToolCommand,
        kind: @Sendable (String) -> StorageFailure.Kind,
        into handover: Handover
    ) async throws {
        let output = try ToolPipe.fromTool()
        let result = try await Subprocess.run(
            .path(FilePath(command.path)),
            arguments: Arguments(command.arguments),
            environment: environment,
            workingDirectory: "/",
            platformOptions: options,
            input: .none,
            output: .fileDescriptor(output.toolsEnd, closeAfterSpawningProcess: true),
            error: .string(limit: errorLimit)
        ) { _ in
            try await pass(output, to: handover)
        }
        guard result.terminationStatus.isSuccess else {
            throw failure(command, "\(result.terminationStatus)", result.standardError, kind)
        }
    }

    /// Runs a receiver, and lets it read `stream` to its end.
    ///
    /// - Throws: what `stream` throws; `StorageFailure` if the receiver or `check` is not content.
    func receive(
        _ command: ToolCommand,
        from stream: any StorageStream,
        checking check: some StreamCheck
    ) async throws {
        let input = try ToolPipe.toTool()
        do {
            let result = try await Subprocess.run(
                .path(FilePath(command.path)),
                arguments: Arguments(command.arguments),
                environment: Self.environment,
                workingDirectory: "/",
                platformOptions: Self.options,
                input: .fileDescriptor(input.toolsEnd, closeAfterSpawningProcess: true),
                output: .discarded,
                error: .string(limit: Self.errorLimit)
            ) { _ in
                // It stays open when this throws: a receiver that saw an end might keep the half.
                let isAll = try await Self.feed(stream, check, into: input)
                await input.close()
                return isAll
            }
            guard result.terminationStatus.isSuccess else {
                let status = "\(result.terminationStatus)"
                throw Self.failure(command, status, result.standardError, kind)
            }
            guard result.closureResult else {
                throw StorageFailure(
                    .badStream,
                    "'\(command.words)' was content before the stream ended"
                )
            }
        } catch let failure as StorageFailure {
            throw failure
        } catch {
            guard Task.isCancelled else { throw error }
            throw StorageFailure(.cancelled, "'\(command.words)' was cancelled")
        }
    }

    /// Writes all of `stream`; false if the receiver ended before, whose status then tells why.
    private static func feed(
        _ stream: some StorageStream,
        _ check: some StreamCheck,
        into input: ToolPipe
    ) async throws -> Bool {
        var check = check
        for try await chunk in stream {
            try check.take(chunk)
            guard await input.write(chunk) else {
                try Task.checkCancellation()
                return false
            }
        }
        try Task.checkCancellation()
        try check.finish()
        return true
    }

    static func failure(
        _ command: ToolCommand,
        _ status: String,
        _ errors: String,
        _ kind: @Sendable (String) -> StorageFailure.Kind
    ) -> StorageFailure {
        StorageFailure(kind(errors), "'\(command.words)' failed (\(status)): \(errors.lastWords)")
    }

    static var environment: Environment {
        .custom([
            "LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        ])
    }

    static var options: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(2))
        ]
        return options
    }
}

extension String {
    /// The last lines of a tool's message, for an error.
    var lastWords: String {
        let lines = split(separator: "\n").suffix(5).map { $0.trimmingSpaces }
        return lines.isEmpty ? "it said nothing" : lines.joined(separator: "; ")
    }
}

extension Substring {
    /// Without the spaces and tabs around it.
    var trimmingSpaces: String {
        let blanks: Set<Character> = [" ", "\t"]
        return String(
            drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed()
        )
    }
}
