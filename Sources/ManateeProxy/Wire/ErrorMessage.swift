/// An error as a server of PostgreSQL sends it.
package enum ErrorMessage {
    /// The message that ends a session that has not begun.
    package static func fatal(sqlState: String, _ message: String) -> [UInt8] {
        var fields: [UInt8] = []
        for (kind, text) in [("S", "FATAL"), ("V", "FATAL"), ("C", sqlState), ("M", message)] {
            fields += Array(kind.utf8) + Array(text.utf8) + [0]
        }
        fields.append(0)
        let length = UInt32(fields.count + 4)
        return [UInt8(ascii: "E")]
            + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
            + fields
    }
}
