import Glibc
import NIOCore

extension SocketAddress {
    /// The address in network order; nil if it is none of IP.
    var packedAddress: [UInt8]? {
        guard let ipAddress else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, ipAddress, &bytes) == 1 { return Array(bytes.prefix(4)) }
        return inet_pton(AF_INET6, ipAddress, &bytes) == 1 ? bytes : nil
    }
}
