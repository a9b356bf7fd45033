/// What a server writes into `postmaster.pid`.
package struct LockFile: Equatable, Sendable {
    /// The server's process.
    package var pid: Int32
    /// Whether it is a server without clients, as `pg_rewind` runs one.
    package var isSingleUser: Bool
    /// The data directory as the server was told.
    package var dataDirectory: String
    /// The port; nil while the server has not written it.
    package var port: Int?
    /// The directory of its socket; nil while the server has not written it.
    package var socketDirectory: String?

    /// Reads the content of `postmaster.pid`; nil if it is cut short.
    package init?(parsing text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, let number = Int32(lines[0].filter { $0 != " " }),
            number != .min, abs(number) > 1
        else { return nil }
        pid = abs(number)
        isSingleUser = number < 0
        dataDirectory = String(lines[1])
        if lines.count > 4 {
            port = Int(lines[3])
            socketDirectory = String(lines[4])
        }
    }
}
