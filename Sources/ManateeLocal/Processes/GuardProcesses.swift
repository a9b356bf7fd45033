import Foundation
import Glibc

/// The guards of one data directory, whichever sitter started them.
package enum GuardProcesses {
    /// All of them; told by their program and its first argument.
    package static func running(for dataDirectory: String) -> [ProcessRecord] {
        // `/proc` can always be listed on Linux.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { pid in
            // The process may end at any moment; then there is nothing to read.
            let line = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)
            let words = line?.split(separator: "\0", omittingEmptySubsequences: false) ?? []
            return words.count > 1 && words[0].hasSuffix("/manatee-guard")
                && words[1] == dataDirectory
        }.compactMap { ProcessRecord(running: $0) }
    }

    /// Sends a signal to all of them.
    package static func send(_ signal: Int32, for dataDirectory: String) {
        for guardian in running(for: dataDirectory) { kill(guardian.pid, signal) }
    }
}
