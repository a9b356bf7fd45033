import Glibc

/// What `/proc` tells of processes that work in a data directory.
package enum ProcessTable {
    /// Whether `pid` is a living server process in `directory`.
    package static func isServer(_ pid: Int32, in directory: String) -> Bool {
        guard let real = realPath(directory), link("/proc/\(pid)/cwd") == real,
            let program = link("/proc/\(pid)/exe")
        else { return false }
        // An upgraded binary shows as `postgres (deleted)`.
        return program.split(separator: "/").last?.hasPrefix("postgres") == true
    }

    /// All living server processes in `directory`: a server's children work there too.
    package static func servers(in directory: String) -> [Int32] {
        guard let table = opendir("/proc") else { return [] }
        defer { closedir(table) }
        var found: [Int32] = []
        while let entry = readdir(table) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let pid = Int32(name), isServer(pid, in: directory) { found.append(pid) }
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
    private static func realPath(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}
