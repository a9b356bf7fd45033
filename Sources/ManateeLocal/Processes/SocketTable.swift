import Foundation

/// The TCP sockets of this machine's IPv4, and who has them.
enum SocketTable {
    private static let established = "01"
    private static let listening = "0A"

    private struct Entry {
        var localPort: Int
        var remotePort: Int
        var state: Substring
        var inode: Substring
    }

    /// The ports that a process listens on.
    static func listeners(of process: ProcessRecord) -> Set<Int> {
        let own = Set(descriptors(of: process).map(\.inode))
        return Set(
            entries().filter { $0.state == listening && own.contains(String($0.inode)) }
                .map(\.localPort)
        )
    }

    /// Breaks the connections of a process to a port, as the network would.
    ///
    /// - Returns: how many there were.
    static func cut(_ process: ProcessRecord, to port: Int) -> Int {
        let wanted = Set(
            entries().filter { $0.state == established && $0.remotePort == port }
                .map { String($0.inode) }
        )
        return descriptors(of: process).count {
            wanted.contains($0.inode) && SocketShutdown.shut($0.number, of: process.pid)
        }
    }

    private static func descriptors(
        of process: ProcessRecord
    ) -> [(number: Int32, inode: String)] {
        let folder = "/proc/\(process.pid)/fd"
        let files = FileManager.default
        // Processes end, and descriptors close, while they are looked at.
        let names = (try? files.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { name in
            guard let number = Int32(name),
                // Closed meanwhile.
                let target = try? files.destinationOfSymbolicLink(atPath: "\(folder)/\(name)"),
                target.hasPrefix("socket:[")
            else { return nil }
            return (number, String(target.dropFirst("socket:[".count).dropLast()))
        }
    }

    private static func entries() -> [Entry] {
        // A kernel without IPv4 has no such file, and none of these sockets.
        let text = (try? KernelFile.text("/proc/net/tcp")) ?? ""
        return text.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, let local = port(fields[1]), let remote = port(fields[2]) else {
                return nil
            }
            return Entry(
                localPort: local,
                remotePort: remote,
                state: fields[3],
                inode: fields[9]
            )
        }
    }

    private static func port(_ address: Substring) -> Int? {
        address.split(separator: ":").last.flatMap { Int($0, radix: 16) }
    }
}
