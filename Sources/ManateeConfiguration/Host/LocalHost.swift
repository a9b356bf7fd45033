import FoundationEssentials
import Glibc

/// The host that this process runs on.
package struct LocalHost: HostFacts {
    /// The host as it is now.
    package init() {}

    /// The host's own name, without a domain that was not given to it.
    package var name: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let text = buffer.baseAddress, gethostname(text, 255) == 0 else {
                return "localhost"
            }
            return String(cString: text)
        }
    }

    /// The name of the user that this process runs as; the number if it has none.
    package var userName: String {
        let id = geteuid()
        return look { getpwuid_r(id, $0, $1, $2, $3) } ?? String(id)
    }

    /// Whether that is root.
    package var isRoot: Bool { geteuid() == 0 }

    /// Whether there is a user called `name`.
    package func hasUser(_ name: String) -> Bool {
        look { getpwnam_r(name, $0, $1, $2, $3) } != nil
    }

    private func look(
        _ ask: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16384) { buffer in
            guard let text = buffer.baseAddress,
                ask(&entry, text, buffer.count, &found) == 0, found != nil
            else { return nil }
            return String(cString: entry.pw_name)
        }
    }

    /// What is at `path`; nil if nothing is there, or nothing that can be seen.
    package func file(at path: String) -> FileFacts? {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        return FileFacts(
            isDirectory: facts.st_mode & S_IFMT == S_IFDIR,
            mode: facts.st_mode & 0o7777,
            isReadable: access(path, R_OK) == 0,
            isExecutable: access(path, X_OK) == 0
        )
    }

    /// The names in the directory `path`; none if it cannot be read.
    package func names(in path: String) -> [String] {
        // A directory that is not there has no names.
        (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }

    /// The first line of the file `path`; nil if it cannot be read.
    package func firstLine(of path: String) -> String? {
        // A file that is not there has no first line.
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return text.prefix { !$0.isNewline }.description
    }

    /// Whether a process with this number runs.
    package func isRunning(_ process: Int32) -> Bool {
        process > 0 && (kill(process, 0) == 0 || errno == EPERM)
    }

    /// Why nobody can listen on `port` of `address`; nil if one can.
    package func whyTaken(port: Int, on address: String) -> String? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(address, String(port), &hints, &list)
        guard failure == 0, let first = list else {
            return String(cString: gai_strerror(failure))
        }
        defer { freeaddrinfo(list) }
        let descriptor = socket(first.pointee.ai_family, first.pointee.ai_socktype, 0)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        var yes: Int32 = 1
        // As a server does it: connections of an earlier listener that are still closing do not count.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0,
            listen(descriptor, 1) == 0
        else { return String(cString: strerror(errno)) }
        return nil
    }
}
