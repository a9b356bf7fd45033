import Foundation
import Glibc
import ManateePostgres

/// The clients of one system, and what they saw.
struct Load: Sendable {
    /// What they saw.
    let log = LoadLog()
    private let system: any BenchSystem
    let passfile: String
    private static let writers = 6
    private static let readers = 2

    /// A load for `system`; makes the password file.
    init(on system: any BenchSystem, in directory: String) throws {
        self.system = system
        passfile = directory + "/pgpass"
        let password = (0..<32).map { _ in String(UInt8.random(in: 0...15), radix: 16) }.joined()
        // Never readable by others, not even before it has its content.
        guard
            FileManager.default.createFile(
                atPath: passfile,
                contents: Data("*:*:*:bench:\(password)\n".utf8),
                attributes: [.posixPermissions: 0o600]
            )
        else { throw BenchFailure("cannot write \(passfile)") }
    }

    /// Makes the clients' role, database and table on the primary.
    func prepare(on primary: Node) async throws {
        let line = try String(contentsOfFile: passfile, encoding: .utf8)
        let password = String(line.split(whereSeparator: \.isNewline)[0].split(separator: ":")[4])
        let connection = try await system.superuser(of: primary)
        let verifier = try await connection.verifier(for: password, of: "bench")
        // A manager may take its time to name the sync, without which nothing commits.
        _ = try await connection.query(
            "CREATE ROLE bench LOGIN PASSWORD '\(verifier)'",
            within: .seconds(60)
        )
        // Copies a template and forces a checkpoint: slow on a busy disk.
        _ = try await connection.query("CREATE DATABASE bench OWNER bench", within: .seconds(60))
        await connection.close()
        let application = try await system.application(
            startingAt: primary.number - 1,
            for: "read-write",
            passfile: passfile,
            within: .seconds(5)
        )
        _ = try await application.query(LoadClient.createTable)
        await application.close()
    }

    /// Runs the clients while `body` runs.
    func run<Value: Sendable>(
        while body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            for number in 0..<(Self.writers + Self.readers) {
                let client = LoadClient(
                    number: number,
                    task: number < Self.writers ? .write : .read,
                    system: system,
                    passfile: passfile,
                    log: log
                )
                group.addTask {
                    await client.run()
                    return nil
                }
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let ended { return ended }
            }
            preconditionFailure("the clients ended by themselves")
        }
    }

    /// Of the writes in `ids`, those that the primary does not have.
    func missing(_ ids: [Int64], on primary: Node) async throws -> [Int64] {
        let connection = try await system.superuser(of: primary, database: "bench")
        let first = ids.min() ?? 0
        let rows = try await connection.query(
            "SELECT id FROM writes WHERE id >= $1",
            [String(first)],
            within: .seconds(60)
        )
        await connection.close()
        let found = Set(rows.compactMap { $0[0].flatMap { Int64($0) } })
        return ids.filter { !found.contains($0) }.sorted()
    }
}

/// Why a benchmark cannot go on.
package struct BenchFailure: Error, CustomStringConvertible {
    /// What was attempted, what was seen, and what to do.
    package let description: String

    /// A failure that reads `description`.
    package init(_ description: String) {
        self.description = description
    }
}
