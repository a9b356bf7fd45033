import Foundation

/// A process as `/proc` shows it: its number and when it started, which together are unique.
package struct ProcessRecord: Codable, Hashable, Sendable {
    /// The process's number.
    package var pid: Int32
    /// When it started, in clock ticks since the machine did.
    package var startTicks: UInt64

    /// The running process `pid`; nil if there is none, or if it only waits to be collected.
    package init?(running pid: Int32) {
        guard let facts = Self.facts(of: pid), facts.state != "Z", facts.state != "X" else {
            return nil
        }
        self.pid = pid
        startTicks = facts.startTicks
    }

    /// Whether this very process still runs, and not a later one of the same number.
    package var isRunning: Bool { ProcessRecord(running: pid) == self }

    /// Whether none of its threads runs, after SIGSTOP.
    package var standsStill: Bool {
        // Threads come and go while they are looked at; those that have gone stand still.
        let threads = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
        return (threads ?? []).allSatisfy { thread in
            let facts = Self.facts(at: "/proc/\(pid)/task/\(thread)/stat")
            return facts.map { "TtZX".contains($0.state) } ?? true
        }
    }

    /// The running processes that this one started and that did not outlive it.
    package func children() -> [ProcessRecord] {
        descendants().filter { Self.facts(of: $0.pid)?.parent == pid }
    }

    /// The running processes that descend from this one, parents before children.
    package func descendants() -> [ProcessRecord] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: "/proc")
        } catch {
            return []
        }
        var children: [Int32: [Int32]] = [:]
        for pid in names.compactMap({ Int32($0) }) {
            if let facts = Self.facts(of: pid) { children[facts.parent, default: []].append(pid) }
        }
        var found: [ProcessRecord] = []
        var queue = children[pid] ?? []
        while !queue.isEmpty {
            let next = queue.removeFirst()
            if let record = ProcessRecord(running: next) { found.append(record) }
            queue += children[next] ?? []
        }
        return found
    }

    /// What `/proc/PID/stat` says.
    struct Facts: Equatable {
        var state: Character
        var parent: Int32
        var startTicks: UInt64

        /// Reads a line of the form `PID (NAME) STATE PARENT …`; the name may contain anything.
        init?(statLine: String) {
            guard let end = statLine.lastIndex(of: ")") else { return nil }
            let fields = statLine[statLine.index(after: end)...].split(separator: " ")
            guard fields.count > 19, let state = fields[0].first,
                let parent = Int32(fields[1]), let startTicks = UInt64(fields[19])
            else { return nil }
            self.state = state
            self.parent = parent
            self.startTicks = startTicks
        }
    }

    private static func facts(of pid: Int32) -> Facts? { facts(at: "/proc/\(pid)/stat") }

    private static func facts(at path: String) -> Facts? {
        // The process may end at any moment; then there is nothing to read.
        guard let line = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return Facts(statLine: line)
    }
}
