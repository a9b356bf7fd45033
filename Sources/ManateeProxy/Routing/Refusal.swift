/// Why a client is sent away, with what it is told.
package enum Refusal: String, CaseIterable, Sendable {
    /// The listener has all the clients that it may have.
    case tooManyConnections = "connections"
    /// As many clients wait for a server as may.
    case tooManyHeld = "held"
    /// No server admitted the client in time.
    case heldTooLong = "hold_time"
    /// The server is in recovery still, although it was declared primary.
    case promoting
    /// The proxy ends.
    case draining

    /// The code by which drivers know what to do: 53300 is final, after 57P03 libpq tries its next host.
    package var sqlState: String {
        switch self {
        case .tooManyConnections: "53300"
        case .tooManyHeld, .heldTooLong, .promoting: "57P03"
        case .draining: "57P03"
        }
    }

    /// For the person who reads the client's error.
    package var message: String {
        switch self {
        case .tooManyConnections: "manatee-proxy: too many connections to this port"
        case .tooManyHeld: "manatee-proxy: no server admits connections, and too many wait already"
        case .heldTooLong: "manatee-proxy: no server admitted the connection in time"
        case .promoting: "manatee-proxy: the new primary is not ready for writes yet"
        case .draining: "manatee-proxy: the proxy is shutting down"
        }
    }
}
