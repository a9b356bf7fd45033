import Glibc
import Synchronization

/// Finds ports of the loopback interface that nobody listens on.
package enum FreePorts {
    /// Below the range that the kernel takes the ports of outgoing connections from.
    private static let range = 15_000...32_000

    /// What this process has handed out, so that two users of it do not get the same.
    private static let taken = Mutex<Set<Int>>([])

    /// No port was found.
    package struct Exhausted: Error, CustomStringConvertible {
        /// What was attempted and what to do.
        package var description: String {
            "no free port of 127.0.0.1 between 15000 and 32000 was found; end what uses them"
        }
    }

    /// Ports that are free now, and that no other caller in this process gets.
    ///
    /// - Parameter count: How many.
    /// - Returns: So many different ports.
    /// - Throws: ``Exhausted``.
    package static func take(_ count: Int) throws(Exhausted) -> [Int] {
        var ports: [Int] = []
        var attempts = 0
        while ports.count < count {
            attempts += 1
            guard attempts < 10_000 else { throw Exhausted() }
            let port = Int.random(in: range)
            guard taken.withLock({ $0.insert(port).inserted }) else { continue }
            guard isFree(port) else { continue }
            ports.append(port)
        }
        return ports
    }

    /// Ports in a row, each of them free now, that no other caller in this process gets.
    ///
    /// - Parameter count: How many, 1 to 100.
    /// - Returns: The lowest of them, a multiple of 100.
    /// - Throws: ``Exhausted``.
    package static func takeRow(of count: Int) throws(Exhausted) -> Int {
        for _ in 0..<1_000 {
            let first = Int.random(in: range.lowerBound / 100..<range.upperBound / 100) * 100
            let row = Set(first..<first + count)
            let isMine = taken.withLock { taken in
                guard taken.isDisjoint(with: row) else { return false }
                taken.formUnion(row)
                return true
            }
            if isMine, row.allSatisfy(isFree) { return first }
        }
        throw Exhausted()
    }

    /// Whether a server could listen on a port of the loopback interface.
    ///
    /// - Parameter port: 1 to 65535.
    /// - Returns: False if somebody listens there, or it cannot be used.
    package static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var yes: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        return withLoopback(port) { bind(descriptor, $0, $1) } == 0
    }
}

/// The loopback interface's address with a port, as system calls want it.
func withLoopback<Result>(
    _ port: Int,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port)).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
