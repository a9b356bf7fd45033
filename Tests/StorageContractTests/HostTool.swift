import Foundation

/// Runs the programs that make and unmake the file systems of the tests.
enum HostTool {
    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    /// Runs a program to its end.
    ///
    /// - Returns: what it wrote.
    /// - Throws: if it fails.
    @discardableResult
    static func run(_ words: String...) throws -> String { try run(words) }

    @discardableResult
    static func run(_ words: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        process.environment = [
            "LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(description: "\(words.joined(separator: " ")): \(text)")
        }
        return text
    }

    /// Makes a sparse file of `size`, as `truncate` understands it.
    static func makeImage(_ path: String, size: String) throws {
        try run("/usr/bin/truncate", "--size=\(size)", path)
    }
}
