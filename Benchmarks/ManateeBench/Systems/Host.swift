import Foundation
import Glibc

/// The program that runs others in namespaces.
let ipProgram = "/usr/sbin/ip"

/// Gives a file to the user that postgres runs as.
func giveToPostgres(_ path: String) throws {
    guard let entry = getpwnam("postgres") else {
        throw BenchFailure("there is no user `postgres`; run `make setup`")
    }
    guard chown(path, entry.pointee.pw_uid, entry.pointee.pw_gid) == 0 else {
        throw BenchFailure("cannot give \(path) to postgres: \(String(cString: strerror(errno)))")
    }
}

/// Whether somebody listens.
enum Listening {
    /// Whether a connection to `port` of `address` is taken.
    static func answers(_ address: String, _ port: Int) -> Bool {
        guard let descriptor = connection(to: address, port) else { return false }
        close(descriptor)
        return true
    }

    /// A connection to `port` of `address`; nil if it is refused.
    static func connection(to address: String, _ port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var to = sockaddr_in()
        to.sin_family = sa_family_t(AF_INET)
        to.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, address, &to.sin_addr)
        let isTaken = withUnsafePointer(to: &to) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard !isTaken else { return descriptor }
        close(descriptor)
        return nil
    }
}
