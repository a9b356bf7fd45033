/// The header of the PROXY protocol, which tells a server behind a relay who the client is.
package enum ProxyHeader {
    /// What a connection's first bytes are.
    package enum Reading: Equatable, Sendable {
        /// Bytes are missing.
        case incomplete
        /// It is no header.
        case malformed
        /// A header of this many bytes; the client's address, or nil if the relay speaks for itself.
        case header(length: Int, client: String?)
    }

    /// The version that is sent.
    package enum Version: String, CaseIterable, Sendable {
        /// Text.
        case v1
        /// Binary.
        case v2
    }

    private static let signature: [UInt8] = [
        0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
    ]
    /// The longest header of version 1, its line end included.
    private static let longestText = 107
    /// Addresses, and far more options than anybody sends.
    private static let longestBinary = 1024

    // MARK: Reading

    /// Reads the header at the beginning of `bytes`, in either version.
    package static func read(_ bytes: [UInt8]) -> Reading {
        if bytes.starts(with: signature.prefix(bytes.count)) { return readBinary(bytes) }
        guard bytes.starts(with: Array("PROXY ".utf8.prefix(bytes.count))) else {
            return .malformed
        }
        guard let end = bytes.firstIndex(of: 0x0a) else {
            return bytes.count < longestText ? .incomplete : .malformed
        }
        guard end < longestText, end > 0, bytes[end - 1] == 0x0d else { return .malformed }
        let words = String(decoding: bytes[..<(end - 1)], as: UTF8.self).split(separator: " ")
        switch words.count > 1 ? words[1] : "" {
        case "UNKNOWN": return .header(length: end + 1, client: nil)
        case "TCP4" where words.count == 6, "TCP6" where words.count == 6:
            return .header(length: end + 1, client: String(words[2]))
        default: return .malformed
        }
    }

    private static func readBinary(_ bytes: [UInt8]) -> Reading {
        guard bytes.count >= 16 else { return .incomplete }
        let body = Int(bytes[14]) << 8 | Int(bytes[15])
        guard bytes[12] >> 4 == 2, body <= longestBinary else { return .malformed }
        guard bytes.count >= 16 + body else { return .incomplete }
        let length = 16 + body
        let isProxied = bytes[12] & 0x0f == 1
        switch (isProxied, bytes[13]) {
        case (true, 0x11) where body >= 12:
            let address = bytes[16..<20].map(String.init).joined(separator: ".")
            return .header(length: length, client: address)
        case (true, 0x21) where body >= 36:
            let groups = stride(from: 16, to: 32, by: 2).map {
                String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16)
            }
            return .header(length: length, client: groups.joined(separator: ":"))
        default:
            return .header(length: length, client: nil)
        }
    }

    // MARK: Writing

    /// One end of a connection.
    package struct End: Equatable, Sendable {
        /// The address in bytes, 4 or 16 of them.
        package var address: [UInt8]
        /// The address as text.
        package var text: String
        /// The port.
        package var port: Int

        /// The end at this address.
        package init(address: [UInt8], text: String, port: Int) {
            self.address = address
            self.text = text
            self.port = port
        }
    }

    /// The header for a connection from `client` to `listener`; the words for "unknown" if it is of
    /// two kinds of addresses.
    package static func write(_ version: Version, from client: End, to listener: End) -> [UInt8] {
        let isKnown =
            client.address.count == listener.address.count
            && [4, 16].contains(client.address.count)
        let isV4 = client.address.count == 4
        switch version {
        case .v1:
            guard isKnown else { return Array("PROXY UNKNOWN\r\n".utf8) }
            let text =
                "PROXY \(isV4 ? "TCP4" : "TCP6") \(client.text) \(listener.text) "
                + "\(client.port) \(listener.port)\r\n"
            return Array(text.utf8)
        case .v2:
            guard isKnown else { return signature + [0x20, 0x00, 0, 0] }
            let ports = [client.port, listener.port].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
            let body = client.address + listener.address + ports
            return signature + [0x21, isV4 ? 0x11 : 0x21, 0, UInt8(body.count)] + body
        }
    }
}
