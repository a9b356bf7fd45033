import ManateeCore

/// Writes JSON without white space.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ node: WireNode) {
        switch node {
        case .plain(let value): append(value)
        case .object(let members):
            list("{", "}", members) { writer, member in
                writer.quote(member.name)
                writer.raw(":")
                writer.append(member.node)
            }
        case .array(let elements):
            list("[", "]", elements) { writer, element in writer.append(element) }
        }
    }

    private mutating func append(_ value: JSONValue) {
        switch value {
        case .null: raw("null")
        case .boolean(let flag): raw(flag ? "true" : "false")
        case .integer(let number): raw(String(number))
        // JSON has no other word for what is no number; neither can come from a text that was read.
        case .number(let number): raw(number.isFinite ? String(number) : "null")
        case .string(let text): quote(text)
        case .array(let elements):
            list("[", "]", elements) { writer, element in writer.append(element) }
        case .object(let members):
            list("{", "}", members.sorted { $0.key < $1.key }) { writer, member in
                writer.quote(member.key)
                writer.raw(":")
                writer.append(member.value)
            }
        }
    }

    private mutating func list<Elements: Collection>(
        _ open: String,
        _ close: String,
        _ elements: Elements,
        _ append: (inout JSONWriter, Elements.Element) -> Void
    ) {
        raw(open)
        var isFirst = true
        for element in elements {
            if !isFirst { raw(",") }
            isFirst = false
            append(&self, element)
        }
        raw(close)
    }

    /// As `JSON.stringify`: quotes, backslashes and control characters are escaped, nothing else.
    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): raw("\\\"")
            case UInt8(ascii: "\\"): raw("\\\\")
            case 0x08: raw("\\b")
            case 0x09: raw("\\t")
            case 0x0A: raw("\\n")
            case 0x0C: raw("\\f")
            case 0x0D: raw("\\r")
            case 0..<0x20: raw("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
