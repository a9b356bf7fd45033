import Foundation
import ManateeBackup
import Testing

/// The program manatee-backupserver, configured for the storage `one` of a world.
struct BackupServerHome: Sendable {
    private static let program = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: ".build/debug/manatee-backupserver")

    private let directory: String
    private let storage: String
    let port: Int

    init(_ world: StorageWorld) throws {
        directory = world.directory
        storage =
            switch world.kind {
            case .zfs:
                """
                  backend: zfs
                  dataset: \(world.dataset("one/data"))
                  mountpoint: "\(world.directory)/one"
                """
            case .btrfs: "  backend: btrfs\n  path: \"\(world.directory)/disk/one\""
            case .xfs: "  backend: directory\n  path: \"\(world.directory)/disk/one\""
            }
        port = try Self.freePort()
    }

    var url: String { "http://127.0.0.1:\(port)" }

    var token: BackupToken {
        get throws { try BackupToken(file: directory + "/token") }
    }

    /// Starts the program, and waits until it answers.
    func start(rateLimit: String = "10GB") async throws -> Process {
        let file = directory + "/backupserver.yaml"
        try """
        storage:
        \(storage)
        listenAddress: 127.0.0.1
        port: \(port)
        tokenFile: "\(directory)/token"
        rateLimit: \(rateLimit)

        """.write(toFile: file, atomically: true, encoding: .utf8)
        if !FileManager.default.fileExists(atPath: directory + "/token") {
            try HostTool.run(Self.program.path, "-f", file, "--create-token")
        }
        try HostTool.run(Self.program.path, "-f", file, "--check")
        let process = Process()
        process.executableURL = Self.program
        process.arguments = ["-f", file]
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now.advanced(by: .seconds(20))
        while !answers {
            try #require(process.isRunning, "the backup server ended at once")
            try #require(ContinuousClock.now < deadline, "the backup server does not answer")
            try await Task.sleep(for: .milliseconds(50))
        }
        return process
    }

    /// Whether somebody accepts connections on the port.
    private var answers: Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return Self.withAddress(port: port) { address, length in
            connect(descriptor, address, length) == 0
        }.isDone
    }

    /// A port that nobody listens on.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let (isDone, port) = withAddress(port: 0) { address, length in
            var length = length
            return bind(descriptor, address, length) == 0
                && getsockname(descriptor, address, &length) == 0
        }
        try #require(isDone)
        return port
    }

    private static func withAddress(
        port: Int,
        _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Bool
    ) -> (isDone: Bool, port: Int) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let isDone = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return (isDone, Int(UInt16(bigEndian: address.sin_port)))
    }
}
