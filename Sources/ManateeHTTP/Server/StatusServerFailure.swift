import Glibc
import NIOCore

/// Why the status server cannot listen.
package enum StatusServerFailure: Error, Equatable, CustomStringConvertible {
    /// Somebody else listens there.
    case portInUse(address: String, port: Int)
    /// The system refuses for another reason, in its words.
    case cannotListen(address: String, port: Int, reason: String)

    init(_ error: IOError, address: String, port: Int) {
        self =
            error.errnoCode == EADDRINUSE
            ? .portInUse(address: address, port: port)
            : .cannotListen(address: address, port: port, reason: "\(error)")
    }

    /// What was attempted, what was seen, and what to do.
    package var description: String {
        switch self {
        case .portInUse(let address, let port):
            """
            the status server cannot listen on port \(port) of \(address): somebody else does; find out \
            who (`ss -ltnp 'sport = :\(port)'`) and stop it, or set statusServer.port
            """
        case .cannotListen(let address, let port, let reason):
            """
            the status server cannot listen on port \(port) of \(address): \(reason); set \
            statusServer.listenAddress to an address of this host, and statusServer.port to a port that \
            its user may use
            """
        }
    }
}
