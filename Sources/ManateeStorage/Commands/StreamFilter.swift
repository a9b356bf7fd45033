package import ManateePorts
import Subprocess
import SystemPackage

/// Runs a stream through a program that changes it, such as a compressor.
package struct StreamFilter: Sendable {
    /// Makes a stream shorter, as fast as `zstd` can.
    package static let compress = StreamFilter(
        command: ToolCommand(path: "/usr/bin/zstd", arguments: ["--quiet", "-1", "--stdout"])
    )
    /// Makes it what it was.
    package static let decompress = StreamFilter(
        command: ToolCommand(
            path: "/usr/bin/zstd",
            arguments: ["--quiet", "--decompress", "--stdout"]
        )
    )

    let command: ToolCommand

    /// Runs `body` with what the program makes of `stream`; the program ends with it.
    ///
    /// - Throws: what `stream` and `body` throw; `.badStream` if the program does not like the stream,
    ///   `.unsupported` if there is no such program.
    package func run<Value: Sendable>(
        over stream: some StorageStream,
        _ body: @Sendable (any StorageStream) async throws -> Value
    ) async throws -> Value {
        guard HostFiles.exists(command.path) else {
            throw StorageFailure(
                .unsupported,
                "there is no \(command.path) here: install zstd, or transfer without compression"
            )
        }
        let command = command
        return try await StreamRunner.lend(
            command,
            { handover in try await Self.run(command, over: stream, into: handover) },
            to: body
        )
    }

    private static func run(
        _ command: ToolCommand,
        over stream: some StorageStream,
        into handover: Handover
    ) async throws {
        let input = try ToolPipe.toTool()
        let output = try ToolPipe.fromTool()
        let result = try await Subprocess.run(
            .path(FilePath(command.path)),
            arguments: Arguments(command.arguments),
            environment: StreamRunner.environment,
            workingDirectory: "/",
            platformOptions: StreamRunner.options,
            input: .fileDescriptor(input.toolsEnd, closeAfterSpawningProcess: true),
            output: .fileDescriptor(output.toolsEnd, closeAfterSpawningProcess: true),
            error: .string(limit: StreamRunner.errorLimit)
        ) { execution in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await feed(stream, into: input) }
                do {
                    try await StreamRunner.pass(output, to: handover)
                } catch {
                    // The feeder may wait for the program, which nobody reads from any more; one that
                    // has ended already needs no signal.
                    try? execution.send(signal: .kill)
                    group.cancelAll()
                    throw error
                }
                try await group.waitForAll()
            }
        }
        guard result.terminationStatus.isSuccess else {
            let status = "\(result.terminationStatus)"
            throw StreamRunner.failure(command, status, result.standardError) { _ in .badStream }
        }
    }

    /// Writes all of `stream`, and lets the program end whatever the stream ended by.
    private static func feed(
        _ stream: some StorageStream,
        into input: ToolPipe
    ) async throws {
        do {
            for try await chunk in stream {
                try Task.checkCancellation()
                // A program that ended takes no more; its status tells why.
                guard await input.write(chunk) else { break }
            }
        } catch {
            await input.close()
            throw error
        }
        await input.close()
    }
}
