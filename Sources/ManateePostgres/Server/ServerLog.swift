import Foundation
import Glibc

/// The server's own log, for messages about its end.
struct ServerLog: Sendable {
    /// The directory of the log.
    var directory: String

    /// Where the server writes before it opens its log.
    var startupFile: String { directory + "/startup.log" }

    /// The last lines that the server wrote, joined by ` | `.
    func tail(lines count: Int = 5) -> String {
        // A log that cannot be read must not hide the message that it would have been part of.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let newest = names.map { "\(directory)/\($0)" }
            .compactMap { path in Self.modified(path).map { (path, $0) } }
            .filter { Self.size($0.0) > 0 }
            .max { $0.1 < $1.1 }
        guard let path = newest?.0, let file = FileHandle(forReadingAtPath: path) else {
            return "(nothing logged)"
        }
        defer { file.closeFile() }
        let end = file.seekToEndOfFile()
        file.seek(toFileOffset: end > 8192 ? end - 8192 : 0)
        let text = String(decoding: file.readDataToEndOfFile(), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).suffix(count).joined(separator: " | ")
    }

    private static func modified(_ path: String) -> Double? {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        return Double(facts.st_mtim.tv_sec) + Double(facts.st_mtim.tv_nsec) / 1e9
    }

    private static func size(_ path: String) -> Int {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int(facts.st_size) : 0
    }
}
