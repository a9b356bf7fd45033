import Foundation
import Glibc

/// What processes have used so far.
struct ProcessUsage: Sendable {
    /// Time on a processor, of all of them together.
    var processor: Duration
    /// Memory that is theirs alone or shared, in KiB: the sum of `VmRSS`.
    var residentKiB: Int

    /// What `processes` have used; those that have ended count nothing.
    static func of(_ processes: [Int32]) -> ProcessUsage {
        var usage = ProcessUsage(processor: .zero, residentKiB: 0)
        for process in processes {
            guard let ticks = ticks(of: process), let resident = residentKiB(of: process) else {
                continue
            }
            usage.processor += .seconds(Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK))))
            usage.residentKiB += resident
        }
        return usage
    }

    private static func ticks(of process: Int32) -> Int? {
        // The name stands in parentheses and may hold anything; the fields behind it are counted from 3.
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
        return user + system
    }

    private static func residentKiB(of process: Int32) -> Int? {
        // It may have ended meanwhile.
        guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        else { return nil }
        return text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            .flatMap { $0.split(whereSeparator: \.isWhitespace).dropFirst().first }
            .flatMap { Int($0) }
    }
}
