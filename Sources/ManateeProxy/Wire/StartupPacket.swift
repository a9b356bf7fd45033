/// The first packet of a client of PostgreSQL, as far as a proxy must know it.
package enum StartupPacket: Equatable, Sendable {
    /// Asks for TLS; the answer is one byte.
    case encryptionRequest
    /// Asks to cancel what another session does.
    case cancelRequest(CancelKey)
    /// Begins a session, in the clear.
    case startup
    /// The first bytes of TLS itself: a client that does not ask.
    case encrypted
    /// None of these; no server would take it.
    case malformed

    /// The longest that PostgreSQL itself takes, in bytes.
    package static let maximumLength = 10_000
    private static let protocolMajor3 = 3

    /// Reads the packet at the beginning of `bytes`.
    ///
    /// - Returns: the packet and its length in bytes; nil if bytes are missing.
    package static func read(
        _ bytes: some RandomAccessCollection<UInt8>
    ) -> (packet: StartupPacket, length: Int)? {
        guard let first = bytes.first else { return nil }
        // A TLS record of the handshake; as a length it would be far too much.
        if first == 0x16 { return (.encrypted, bytes.count) }
        guard let length = integer(bytes.prefix(4)) else { return nil }
        guard (8...maximumLength).contains(length) else { return (.malformed, bytes.count) }
        guard let code = integer(bytes.dropFirst(4).prefix(4)) else { return nil }
        guard bytes.count >= length else { return nil }
        switch code {
        case 80_877_103 where length == 8, 80_877_104 where length == 8:
            return (.encryptionRequest, length)
        case 80_877_102 where length > 12:
            return (.cancelRequest(CancelKey(bytes.dropFirst(8).prefix(length - 8))), length)
        case _ where code >> 16 == protocolMajor3:
            return (.startup, length)
        default:
            return (.malformed, length)
        }
    }

    /// Four bytes in network order; nil if there are fewer.
    static func integer(_ bytes: some Collection<UInt8>) -> Int? {
        guard bytes.count == 4 else { return nil }
        return bytes.reduce(0) { $0 << 8 | Int($1) }
    }
}

/// What a session is cancelled by: its process number and its secret, as they stand on the wire.
package struct CancelKey: Hashable, Sendable {
    private let bytes: [UInt8]

    /// The key in these bytes.
    package init(_ bytes: some Collection<UInt8>) {
        self.bytes = Array(bytes)
    }
}
