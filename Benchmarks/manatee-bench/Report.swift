import Foundation
import ManateeBench

/// A Markdown file that collects the tables of benchmarks, newest last.
struct Report {
    /// The file; it may be absent.
    let file: String

    /// Adds a table with its date, the command that made it, and the machine.
    ///
    /// - Parameters:
    ///   - title: what was measured.
    ///   - table: the table in Markdown.
    /// - Throws: what the file system said.
    func add(_ title: String, _ table: String) async throws {
        let date = Date.now.formatted(.iso8601.year().month().day())
        let command = ["manatee-bench"] + CommandLine.arguments.dropFirst()
        let section = """

            ### \(date), \(title)

                \(command.joined(separator: " "))

            \(try await Machine.description)

            \(table)

            """
        if !FileManager.default.fileExists(atPath: file) {
            try Data("# Benchmarks\n".utf8).write(to: URL(filePath: file))
        }
        let handle = try FileHandle(forWritingTo: URL(filePath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(section.utf8))
        try handle.close()
    }
}
