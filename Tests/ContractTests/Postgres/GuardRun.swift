import Foundation
import Glibc
import ManateeGuard
import ManateePostgres

/// The guard's program beside a real server, told by the test what a sitter would tell it.
final class GuardRun: Sendable {
    /// The program that was built with the tests.
    static let program = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: ".build/debug/manatee-guard").path

    let process = Process()
    let file: String
    private let input = Pipe()

    init(_ node: PostgresFixture.Node, limit: Duration, sitter: String = "sitter 1") throws {
        file = node.settings.dataDirectory + ".guard"
        let descriptor = open(file, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        let order = GuardOrder(
            dataDirectory: node.settings.dataDirectory,
            limit: limit,
            sitter: sitter
        )
        process.executableURL = URL(filePath: Self.program)
        process.arguments = order.arguments
        process.standardInput = input
        process.standardOutput = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try process.run()
        try input.fileHandleForReading.close()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    func say(_ word: GuardWord) throws {
        try input.fileHandleForWriting.write(contentsOf: [word.rawValue])
    }

    /// What the guard sees of a sitter that was killed.
    func die() throws {
        try input.fileHandleForWriting.close()
    }

    /// What the guard wrote.
    var written: String {
        String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }
}
