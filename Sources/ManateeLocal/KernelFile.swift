import Foundation

/// Files that the kernel makes up while they are read, such as those below `/proc`.
///
/// `String(contentsOfFile:)` ends after their first few kilobytes, because they claim to be empty.
enum KernelFile {
    /// All of the file's text.
    ///
    /// - Throws: what the file system said.
    static func text(_ path: String) throws -> String {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    }
}
