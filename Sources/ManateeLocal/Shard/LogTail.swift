/// The ends of logs, to be shown when something did not work.
package enum LogTail {
    /// The last lines of each file, under its name; files without content are left out.
    package static func text(_ files: [String], lines: Int = 12) -> String {
        files.compactMap { file in
            let last = LocalFile.end(of: file).split(separator: "\n").suffix(lines)
            guard !last.isEmpty else { return nil }
            return "--- \(file)\n" + last.joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
