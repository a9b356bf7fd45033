import ArgumentParser
import ManateeCore
import ManateePorts
import ManateeWire
import Synchronization
import Testing

@testable import ManateeAdmin

/// A run of one command whose output programs read.
struct ProgramRun: Sendable, CustomTestStringConvertible {
    /// The command, with its subcommand if it has some.
    let command: String
    /// What follows it.
    var arguments: [String] = []
    /// The example's name.
    var cluster = "normalCaughtUp"
    /// What the example needs besides.
    var prepare: @Sendable (inout Example) -> Void = { _ in }

    var testDescription: String { command }

    static let all: [ProgramRun] = [
        ProgramRun(command: "show"),
        ProgramRun(command: "peers"),
        ProgramRun(command: "pg-status"),
        ProgramRun(command: "history"),
        ProgramRun(command: "verify"),
        ProgramRun(command: "explain"),
        ProgramRun(command: "events"),
        ProgramRun(command: "top", arguments: ["--once"]),
        ProgramRun(command: "dsn"),
        ProgramRun(command: "freeze", arguments: ["-r", "disks"]),
        ProgramRun(command: "unfreeze", cluster: "normalFrozen"),
        ProgramRun(command: "reap", arguments: ["-i", "10.0.0.4"], cluster: "normalDeposed"),
        ProgramRun(command: "rebuild", arguments: ["-y", "-c", "/etc/sitter.yaml"]),
        ProgramRun(
            command: "promote",
            arguments: ["-y", "-r", "sync", "-n", "a0000002-5d5c-4c5e-8a5e-000000000002"],
            prepare: { $0.shard.content.withLock { $0.trouble = .promotes } }
        ),
        ProgramRun(
            command: "clear-promote",
            prepare: { example in
                example.shard.content.withLock { content in
                    guard let stored = content.state else { return }
                    let text = String(decoding: stored.data, as: UTF8.self)
                    content.state?.data = Array((text.dropLast() + ",\"promote\":{}}").utf8)
                }
            }
        ),
        ProgramRun(
            command: "switchover",
            arguments: ["-y"],
            prepare: { $0.shard.content.withLock { $0.trouble = .promotes } }
        ),
        ProgramRun(command: "config show"),
        ProgramRun(command: "config edit", arguments: ["--yes", "--set", "work_mem=64MB"]),
        ProgramRun(command: "config diff"),
        ProgramRun(
            command: "config validate",
            arguments: ["/tmp/new.yaml"],
            prepare: { $0.files["/tmp/new.yaml"] = "postgresql: {parameters: {work_mem: 64MB}}" }
        ),
        ProgramRun(command: "snapshot list", arguments: ["-f", "/etc/sitter.yaml"]),
        ProgramRun(command: "snapshot take", arguments: ["-f", "/etc/sitter.yaml"]),
        ProgramRun(
            command: "snapshot destroy",
            arguments: ["-y", "-f", "/etc/sitter.yaml", "1426700000000"]
        ),
        ProgramRun(
            command: "snapshot hold",
            arguments: ["-f", "/etc/sitter.yaml", "1426700000000"]
        ),
        ProgramRun(
            command: "snapshot release",
            arguments: ["-f", "/etc/sitter.yaml", "before-upgrade"]
        ),
        ProgramRun(command: "snapshot verify", arguments: ["-f", "/etc/sitter.yaml"]),
        ProgramRun(command: "doctor", arguments: ["-c", "/etc/sitter.yaml"]),
        ProgramRun(
            command: "state-backfill",
            arguments: ["-y"],
            prepare: { $0.shard.content.withLock { $0.state = nil } }
        ),
        ProgramRun(command: "version"),
        ProgramRun(command: "set-onwm", arguments: ["-m", "on", "-y"]),
        ProgramRun(command: "zk-state"),
        ProgramRun(command: "zk-active"),
        ProgramRun(command: "check-lock", arguments: ["-p", "/locks/reboot"]),
        ProgramRun(command: "status"),
    ]

    /// Runs it in its example, on a terminal.
    func output() async throws -> Recording {
        var example = Example(try #require(ExampleCluster.named(cluster)))
        prepare(&example)
        let output = Recording(isTerminal: true)
        let words = command.split(separator: " ").map(String.init)
        _ = await example.run(words + arguments + ["-o", "json"], output)
        return output
    }
}

@Suite("JSON for programs")
struct JSONOutputTests {
    private static func names(below command: any ParsableCommand.Type) -> [String] {
        let names = command.configuration.subcommands.flatMap { subcommand in
            let name = subcommand.configuration.commandName ?? ""
            let deeper = Self.names(below: subcommand)
            return deeper.isEmpty ? [name] : deeper.map { "\(name) \($0)" }
        }
        return names
    }

    @Test(arguments: ProgramRun.all)
    func `is printed line by line, without colours`(run: ProgramRun) async throws {
        let channels = try await run.output().channels.withLock { $0 }
        let lines = channels.standardOutput.split(separator: "\n")
        #expect(!lines.isEmpty, "\(channels.standardError)")
        #expect(!channels.standardOutput.contains("\u{1B}"))
        for line in lines {
            let value = try JSONText.parse(Array(line.utf8), document: run.command)
            guard case .object = value else {
                Issue.record("not an object: \(line)")
                continue
            }
        }
    }

    @Test func `is there for every command`() {
        #expect(Set(ProgramRun.all.map(\.command)) == Set(Self.names(below: ManateeAdm.self)))
    }
}
