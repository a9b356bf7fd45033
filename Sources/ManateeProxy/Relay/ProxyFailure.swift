import Glibc
import NIOCore

/// Why the proxy cannot listen.
package enum ProxyFailure: Error, Equatable, CustomStringConvertible {
    /// Somebody else listens there.
    case portInUse(listener: String, address: String, port: Int)
    /// The system refuses for another reason, in its words.
    case cannotListen(listener: String, address: String, port: Int, reason: String)

    init(_ error: IOError, listener: ProxyListener, address: String, port: Int) {
        self.init(error, listener: listener.rawValue, address: address, port: port)
    }

    init(_ error: IOError, listener: String, address: String, port: Int) {
        self =
            error.errnoCode == EADDRINUSE
            ? .portInUse(listener: listener, address: address, port: port)
            : .cannotListen(
                listener: listener,
                address: address,
                port: port,
                reason: String(cString: strerror(error.errnoCode))
            )
    }

    /// What was attempted, what was seen, and what to do.
    package var description: String {
        switch self {
        case .portInUse(let listener, let address, let port):
            """
            the \(listener) port cannot listen on port \(port) of \(address): somebody else does; find \
            out who (`ss -ltnp 'sport = :\(port)'`) and stop it, or configure another port
            """
        case .cannotListen(let listener, let address, let port, let reason):
            """
            the \(listener) port cannot listen on port \(port) of \(address): \(reason); configure an \
            address of this host, and a port that its user may use
            """
        }
    }
}
