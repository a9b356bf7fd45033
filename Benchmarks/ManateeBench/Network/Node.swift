import Foundation
import Glibc

/// One machine of the laboratory: a network namespace with one address, and a directory.
struct Node: Hashable, Sendable {
    /// Counted from 1; the store's node comes after the database's nodes.
    let number: Int
    /// The namespace's name.
    let namespace: String
    /// Its address.
    let address: String
    /// The end of its cable on the clients' side.
    let port: String
    /// Where its files are.
    let directory: String

    init(number: Int, tag: String, directory: String) {
        self.number = number
        namespace = "manatee-bench-\(tag)-\(number)"
        address = Lab.address(of: number)
        port = Self.port(of: number)
        self.directory = directory
    }

    static func port(of number: Int) -> String { "mb\(number)" }

    /// The arguments of `ip` that run `command` on this node.
    func launching(_ command: [String]) -> [String] {
        ["netns", "exec", namespace] + command
    }

    /// Where the namespace is mounted.
    var namespaceFile: String { "/run/netns/" + namespace }

    /// Everything that runs on this node, by the kernel's word.
    func processes() -> [Int32] {
        guard let own = Self.identity(of: namespaceFile) else { return [] }
        // `/proc` can always be listed on Linux.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }
            .filter { Self.identity(of: "/proc/\($0)/ns/net") == own }
    }

    /// Whatever manages its postgres.
    func daemons() -> [Int32] { processes().filter { Self.program(of: $0) != "postgres" } }

    /// Sends `signal` to its postgres, all processes of it.
    func signalPostgres(_ signal: Int32) {
        for process in processes() where Self.program(of: process) == "postgres" {
            kill(process, signal)
        }
    }

    /// Sends `signal` to the daemon that manages its postgres, but not to what guards it when that is dead.
    func signalSitter(_ signal: Int32) {
        for process in daemons() where Self.program(of: process) != "manatee-guard" {
            kill(process, signal)
        }
    }

    /// Sends `signal` to everything that runs here, until nothing new appears.
    func signalAll(_ signal: Int32) {
        var seen: Set<Int32> = []
        while true {
            let new = Set(processes()).subtracting(seen)
            guard !new.isEmpty else { return }
            for process in new { kill(process, signal) }
            seen.formUnion(new)
        }
    }

    /// Waits until nothing runs here.
    func waitUntilEmpty() async throws {
        while !processes().isEmpty { try await Task.sleep(for: .milliseconds(20)) }
    }

    private static func identity(of file: String) -> [UInt64]? {
        var status = stat()
        guard stat(file, &status) == 0 else { return nil }
        return [UInt64(status.st_dev), UInt64(status.st_ino)]
    }

    private static func program(of process: Int32) -> Substring? {
        // A process may have ended meanwhile.
        let path = try? FileManager.default.destinationOfSymbolicLink(
            atPath: "/proc/\(process)/exe"
        )
        return path?.split(separator: "/").last
    }
}
