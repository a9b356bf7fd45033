/// Reads JSON into nodes that know their lines.
///
/// An own reader, because the original's files repeat the key `"// "` for comments, and because
/// messages name lines; general JSON readers keep neither.
struct JSONReader {
    /// Deeper nesting than any configuration has; it bounds the recursion.
    private static let depthLimit = 64

    private let file: String
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    /// Reads the one value in `text`.
    static func read(_ text: String, file: String) throws(InvalidConfiguration) -> SettingsNode {
        var reader = JSONReader(file: file, text: text)
        let root = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == reader.bytes.count else {
            throw reader.failure(expected: "the end of the file")
        }
        return root
    }

    private init(file: String, text: String) {
        self.file = file
        bytes = Array(text.utf8)
    }

    private mutating func value(depth: Int) throws(InvalidConfiguration) -> SettingsNode {
        skipSpace()
        let begin = line
        guard depth < JSONReader.depthLimit else {
            throw failure(expected: "at most \(JSONReader.depthLimit) levels of nesting")
        }
        switch peek {
        case UInt8(ascii: "{"):
            return SettingsNode(content: .section(try entries(depth: depth)), line: begin)
        case UInt8(ascii: "["):
            return SettingsNode(content: .list(try elements(depth: depth)), line: begin)
        case UInt8(ascii: "\""):
            return SettingsNode(content: .scalar(try string(), quoted: true), line: begin)
        default:
            return SettingsNode(content: .scalar(try word(), quoted: false), line: begin)
        }
    }

    private mutating func entries(depth: Int) throws(InvalidConfiguration) -> [SettingsNode.Entry] {
        position += 1
        var entries: [SettingsNode.Entry] = []
        skipSpace()
        if take("}") { return entries }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw failure(expected: "a key in quotes") }
            let begin = line
            let key = try string()
            skipSpace()
            guard take(":") else { throw failure(expected: "`:` after the key \"\(key)\"") }
            let value = try value(depth: depth + 1)
            entries.append(SettingsNode.Entry(key: key, line: begin, value: value))
            skipSpace()
            if take("}") { return entries }
            guard take(",") else { throw failure(expected: "`,` or `}` after \"\(key)\"") }
        }
    }

    private mutating func elements(depth: Int) throws(InvalidConfiguration) -> [SettingsNode] {
        position += 1
        var elements: [SettingsNode] = []
        skipSpace()
        if take("]") { return elements }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return elements }
            guard take(",") else { throw failure(expected: "`,` or `]` after a list element") }
        }
    }

    private mutating func string() throws(InvalidConfiguration) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                // The bytes come from a String, and cuts lie at ASCII bytes only.
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                text += Array(String(try escaped()).utf8)
            case 0..<0x20:
                position -= 1
                throw failure(expected: "`\"` at the end of the text")
            default:
                text.append(byte)
            }
        }
        throw failure(expected: "`\"` at the end of the text")
    }

    private mutating func escaped() throws(InvalidConfiguration) -> Unicode.Scalar {
        guard let byte = peek else { throw failure(expected: "a character after `\\`") }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "u"): return try unicode()
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        default: throw failure(expected: "one of \" \\ / b f n r t u after `\\`")
        }
    }

    private mutating func unicode() throws(InvalidConfiguration) -> Unicode.Scalar {
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard take("\\"), take("u") else { throw failure(expected: "the second half of a pair") }
        let second = try fourDigits()
        guard (0xD800..<0xDC00).contains(first), (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw failure(expected: "a pair of surrogates") }
        return scalar
    }

    private mutating func fourDigits() throws(InvalidConfiguration) -> UInt32 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, let text = String(validating: digits, as: UTF8.self),
            text.allSatisfy(\.isHexDigit), let number = UInt32(text, radix: 16)
        else { throw failure(expected: "four hexadecimal digits after `\\u`") }
        position += 4
        return number
    }

    private mutating func word() throws(InvalidConfiguration) -> String {
        let letters = bytes[position...].prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        let text = String(decoding: letters, as: UTF8.self)
        guard ["true", "false", "null"].contains(text) || Double(text) != nil else {
            throw failure(
                expected: "a value: a text in quotes, a number, true, false, null, {} or []"
            )
        }
        position += letters.count
        return text
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
            if byte == 0x0A { line += 1 }
            position += 1
        }
    }

    private func failure(expected: String) -> InvalidConfiguration {
        let rest = bytes[position...].prefix { $0 != 0x0A }.prefix(20)
        return InvalidConfiguration([
            ConfigurationProblem(
                file: file,
                line: line,
                found: rest.isEmpty
                    ? "the end of the line or file" : "`\(String(decoding: rest, as: UTF8.self))`",
                expected: expected,
                remedy: "correct the JSON; a comma too many or too few is the usual cause"
            )
        ])
    }
}
