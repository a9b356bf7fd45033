import Glibc

/// What a server writes into `postmaster.pid`, and what `/proc` says about it.
struct LockFile: Equatable, Sendable {
    /// The server's process.
    var pid: pid_t
    /// The data directory as the server was told.
    var dataDirectory: String
    /// The port; nil while the server has not written it.
    var port: Int?
    /// The directory of its socket; nil while the server has not written it.
    var socketDirectory: String?

    /// Reads the content of `postmaster.pid`; nil if it is cut short.
    init?(parsing text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, let pid = pid_t(lines[0].filter { $0 != " " }), abs(pid) > 1
        else { return nil }
        self.pid = abs(pid)
        dataDirectory = String(lines[1])
        if lines.count > 4 {
            port = Int(lines[3])
            socketDirectory = String(lines[4])
        }
    }
}

/// What `/proc` tells of processes that work in a data directory.
enum ProcessTable {
    /// Whether `pid` is a living server process in `directory`.
    static func isServer(_ pid: pid_t, in directory: String) -> Bool {
        guard let real = realPath(directory), link("/proc/\(pid)/cwd") == real,
            let program = link("/proc/\(pid)/exe")
        else { return false }
        // An upgraded binary shows as `postgres (deleted)`.
        return program.split(separator: "/").last?.hasPrefix("postgres") == true
    }

    /// All living server processes in `directory`: a server's children work there too.
    static func servers(in directory: String) -> [pid_t] {
        guard let table = opendir("/proc") else { return [] }
        defer { closedir(table) }
        var found: [pid_t] = []
        while let entry = readdir(table) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let pid = pid_t(name), isServer(pid, in: directory) { found.append(pid) }
        }
        return found
    }

    private static func link(_ path: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4097) { buffer in
            guard let text = buffer.baseAddress else { return nil }
            let length = readlink(path, text, 4096)
            guard length >= 0 else { return nil }
            text[length] = 0
            return String(cString: text)
        }
    }

    /// The path without symbolic links; nil if there is nothing.
    static func realPath(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}
