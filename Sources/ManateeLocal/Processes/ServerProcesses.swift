import Foundation
import Glibc

/// The postgres processes that work in one data directory, whoever started them.
///
/// A postgres may outlive its sitter. Its processes are told by the directory that they work in and
/// the program that they run, as `/proc` says, never by their name.
package enum ServerProcesses {
    /// All of them, the postmaster first if it is there.
    package static func running(in dataDirectory: String) -> [ProcessRecord] {
        guard let directory = realPath(dataDirectory) else { return [] }
        // `/proc` can always be listed on Linux.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let found = names.compactMap { Int32($0) }.filter { pid in
            guard link("/proc/\(pid)/cwd") == directory,
                let program = link("/proc/\(pid)/exe")?.split(separator: "/").last
            else { return false }
            // A program that was upgraded shows as `postgres (deleted)`.
            return program == "postgres" || program.hasPrefix("postgres ")
        }
        let first = postmaster(in: directory)
        return found.sorted { left, right in left == first || right != first && left < right }
            .compactMap { ProcessRecord(running: $0) }
    }

    /// The postmaster by the word of `postmaster.pid`; it may have ended.
    package static func postmaster(in dataDirectory: String) -> Int32? {
        // No file, no server.
        let text = try? String(contentsOfFile: dataDirectory + "/postmaster.pid", encoding: .utf8)
        return text?.split(separator: "\n").first.flatMap { Int32($0) }
    }

    /// Ends them all, and their guards: at once if so wished, else fast and in order, then at once.
    ///
    /// - Parameters:
    ///   - dataDirectory: where they work.
    ///   - atOnce: whether they get no chance to end in order.
    ///   - patience: how long they may take to end in order. Default 10 s.
    package static func end(
        in dataDirectory: String,
        kill atOnce: Bool = false,
        patience: Duration = .seconds(10)
    ) async {
        GuardProcesses.send(SIGKILL, for: dataDirectory)
        var processes = running(in: dataDirectory)
        guard !processes.isEmpty else { return }
        if !atOnce, let postmaster = processes.first {
            kill(postmaster.pid, SIGCONT)
            kill(postmaster.pid, SIGINT)
            await gone(within: patience) { running(in: dataDirectory).isEmpty }
            processes = running(in: dataDirectory)
        }
        for process in processes where process.isRunning { kill(process.pid, SIGKILL) }
        await gone(within: .seconds(5)) {
            for late in running(in: dataDirectory) { kill(late.pid, SIGKILL) }
            return running(in: dataDirectory).isEmpty
        }
    }

    /// Looks until nobody is left; a cancelled task looks on, because they must not be left behind.
    static func gone(within limit: Duration, _ isEmpty: () -> Bool) async {
        let deadline = ContinuousClock.now + limit
        while !isEmpty(), ContinuousClock.now < deadline {
            await withCheckedContinuation { continuation in
                DetachedThread.start(for: "wait") {
                    poll(nil, 0, 20)
                    continuation.resume()
                }
            }
        }
    }

    private static func realPath(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    private static func link(_ path: String) -> String? {
        // Processes end, and those of others are closed to us.
        try? FileManager.default.destinationOfSymbolicLink(atPath: path)
    }
}
