import Foundation
import Testing

/// A directory with a configuration that is right but for what the test breaks.
final class SitterHome: Sendable {
    let directory: URL
    let postgresPort: Int
    let statusPort: Int
    /// The port of the store that it names: nobody listens there.
    private let store: Listener

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appending(path: "manatee-sitter-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        store = try Listener(isListening: false)
        postgresPort = try Listener.freePort()
        statusPort = try Listener.freePort()
    }

    deinit {
        // What was not made need not be removed.
        try? FileManager.default.removeItem(at: directory)
    }

    func path(_ name: String) -> String { directory.appending(path: name).path }

    func write(_ text: String, to name: String, mode: Int = 0o600) throws {
        try text.write(toFile: path(name), atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
    }

    /// Writes the configuration, with more lines at its end.
    func configure(_ more: String = "") throws {
        let user = geteuid() == 0 ? "  osUser: postgres\n" : ""
        try write(
            """
            shardPath: /manatee/1
            peer:
              ip: 127.0.0.1
              postgresPort: \(postgresPort)
            statusServer:
              listenAddress: 127.0.0.1
              port: \(statusPort)
            zookeeper:
              servers: 127.0.0.1:\(store.port)
            postgres:
              dataDirectory: \(path("data"))
            \(user)\(more)

            """,
            to: "sitter.yaml"
        )
    }

    func makeSecrets() async throws {
        let run = try await run("--create-secrets")
        try #require(run.status == 0, "\(run.error)")
    }

    /// Runs the program on the configuration until it ends.
    func run(_ arguments: String...) async throws -> SitterRun.Outcome {
        let run = try SitterRun(["-f", path("sitter.yaml")] + arguments)
        return try await run.outcome()
    }
}

/// The program, running.
struct SitterRun {
    struct Outcome {
        var status: Int32
        var output: String
        var error: String
    }

    private static let program = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: ".build/debug/manatee-sitter")

    let process = Process()
    private let output = Pipe()
    private let error = Pipe()

    init(_ arguments: [String]) throws {
        process.executableURL = Self.program
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = error
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// Waits for the end.
    func outcome() async throws -> Outcome {
        async let output = Self.all(of: output)
        async let error = Self.all(of: error)
        let (first, second) = await (output, error)
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: first, error: second)
    }

    /// Reads to the end, on a thread that nobody else waits for.
    private static func all(of pipe: Pipe) async -> String {
        await withCheckedContinuation { waiter in
            DispatchQueue.global().async {
                // A pipe that cannot be read has nothing in it; the test then misses it.
                let data = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
                waiter.resume(returning: String(decoding: data, as: UTF8.self))
            }
        }
    }

    /// Reads the log until a line has this message; the lines so far.
    func lines(until message: String) throws -> [[String: Any]] {
        var text = ""
        while true {
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty, "the program ended after: \(text)")
            text += String(decoding: data, as: UTF8.self)
            if text.hasSuffix("\n"), text.contains("\"msg\":\"\(message)") {
                return try Self.parse(text)
            }
        }
    }

    static func parse(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return try #require(object as? [String: Any], "\(line)")
        }
    }
}

/// A socket of 127.0.0.1 that listens, or only keeps others from its port.
final class Listener: Sendable {
    let port: Int
    private let descriptor: Int32

    init(isListening: Bool = true) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { [descriptor] in
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0
                    && (!isListening || listen(descriptor, 1) == 0)
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isBound)
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }

    static func freePort() throws -> Int { try Listener().port }
}
