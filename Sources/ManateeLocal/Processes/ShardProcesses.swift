import Foundation
import Glibc

/// The processes that work for a local shard, as `/proc` shows them.
struct ShardProcesses: Sendable {
    let directory: DevDirectory
    let settings: DevSettings

    /// One of them, with its command line.
    private struct Found {
        var record: ProcessRecord
        var arguments: [String]
    }

    /// The tools that send or receive for a peer.
    func tools(of peer: Int, verb: String) -> [ProcessRecord] {
        found().filter { $0.arguments.contains(verb) && names($0, "/peer\(peer)/") }.map(\.record)
    }

    /// The base backups that a peer takes of another.
    func baseBackups(of peer: Int) -> [ProcessRecord] {
        let incoming = settings.dataDirectory(peer, in: directory) + ".incoming-"
        return found().filter { process in
            process.arguments.first?.hasSuffix("/pg_basebackup") == true
                && process.arguments.contains { $0.contains(incoming) }
        }
        .map(\.record)
    }

    /// Everything but the programs that this process started, their postgres servers, and one guard
    /// beside each of these.
    func strays() -> [String] {
        let servers = Set(
            (1...settings.ports.peers.count).flatMap { peer in
                let data = settings.dataDirectory(peer, in: directory)
                let guards = GuardProcesses.running(for: data)
                return ServerProcesses.running(in: data) + (guards.count == 1 ? guards : [])
            }
        )
        let own = Set(ProcessRecord(running: getpid())?.children() ?? [])
        return found().filter { !servers.contains($0.record) && !own.contains($0.record) }
            .map { $0.arguments.joined(separator: " ") }
    }

    /// Ports that somebody of the shard listens on though its plan does not know them.
    func strayListeners() -> [Int] {
        let known = Set(settings.ports.allPorts)
        let everybody = ProcessRecord(running: getpid())?.descendants() ?? []
        let processes = Set(everybody + found().map(\.record))
        return processes.flatMap { SocketTable.listeners(of: $0) }.filter { !known.contains($0) }
            .sorted()
    }

    private func names(_ process: Found, _ part: String) -> Bool {
        process.arguments.contains { $0.contains(part) }
    }

    private func found() -> [Found] {
        // Processes come and go while they are looked at.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { name in
            guard let pid = Int32(name), pid != getpid(),
                // One that has ended meanwhile has no command line.
                let line = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8),
                line.contains(directory.path + "/") || line.contains(directory.pool + "/"),
                let record = ProcessRecord(running: pid)
            else { return nil }
            return Found(
                record: record,
                arguments: line.split(separator: "\0").map(String.init)
            )
        }
    }
}
