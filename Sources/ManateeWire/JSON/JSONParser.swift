import ManateeCore

/// Reads JSON byte by byte, by RFC 8259.
struct JSONParser {
    private let bytes: [UInt8]
    private let name: String
    private var offset = 0

    init(bytes: [UInt8], document: String) {
        self.bytes = bytes
        name = document
    }

    /// The one value that the text consists of.
    mutating func document() throws(WireError) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard offset == bytes.count else { throw failure("the end") }
        return value
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(WireError) -> JSONValue {
        skipSpace()
        guard depth <= JSONText.maximumDepth else {
            throw failure("at most \(JSONText.maximumDepth) levels")
        }
        guard let byte = peek else { throw failure("a value") }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw failure("a value")
        }
    }

    private mutating func object(depth: Int) throws(WireError) -> JSONValue {
        var members: [String: JSONValue] = [:]
        offset += 1
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw failure("a member's name") }
            let member = try string()
            skipSpace()
            guard take(":") else { throw failure("':'") }
            members[member] = try value(depth: depth + 1)
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw failure("',' or '}'") }
        }
    }

    private mutating func array(depth: Int) throws(WireError) -> JSONValue {
        var elements: [JSONValue] = []
        offset += 1
        skipSpace()
        if take("]") { return .array(elements) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return .array(elements) }
            guard take(",") else { throw failure("',' or ']'") }
        }
    }

    private mutating func word(
        _ word: StaticString,
        _ value: JSONValue
    ) throws(WireError) -> JSONValue {
        let letters = word.description.utf8
        guard bytes[offset...].starts(with: letters) else { throw failure("'\(word)'") }
        offset += letters.count
        return value
    }

    // MARK: Numbers

    private mutating func number() throws(WireError) -> JSONValue {
        let start = offset
        _ = take("-")
        if !take("0") { try digits() }
        var isWhole = true
        if take(".") {
            isWhole = false
            try digits()
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            try digits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isWhole, let whole = Int64(text) { return .integer(whole) }
        guard let number = Double(text), number.isFinite else {
            offset = start
            throw failure("a number below 1.8e308")
        }
        return JSONParser.exact(number).map(JSONValue.integer) ?? .number(number)
    }

    /// The whole number that a double stands for; nil beyond the range in which doubles are exact.
    private static func exact(_ number: Double) -> Int64? {
        guard abs(number) <= 9_007_199_254_740_992 else { return nil }
        return Int64(exactly: number)
    }

    private mutating func digits() throws(WireError) {
        let start = offset
        while let digit = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
            offset += 1
        }
        guard offset > start else { throw failure("a digit") }
    }

    // MARK: Texts

    private mutating func string() throws(WireError) -> String {
        let start = offset
        var content: [UInt8] = []
        offset += 1
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                guard let text = String(validating: content, as: UTF8.self) else {
                    offset = start
                    throw failure("a text in UTF-8")
                }
                return text
            case UInt8(ascii: "\\"):
                offset += 1
                try escape(into: &content)
            case 0..<0x20:
                throw failure("no control character in a text")
            default:
                content.append(byte)
                offset += 1
            }
        }
        throw failure("the end of a text")
    }

    private mutating func escape(into content: inout [UInt8]) throws(WireError) {
        guard let letter = peek else { throw failure("an escaped character") }
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            offset += 1
            content.append(contentsOf: Character(try escapedScalar()).utf8)
            return
        default: throw failure("one of \"\\/bfnrtu")
        }
        offset += 1
    }

    /// The character of an escaped code, behind the `u`; a half of a pair without the other is U+FFFD.
    private mutating func escapedScalar() throws(WireError) -> Unicode.Scalar {
        let first = try fourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first),
            bytes[offset...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")])
        else { return "\u{FFFD}" }
        let behindFirst = offset
        offset += 2
        let second = try fourHexDigits()
        guard (0xDC00..<0xE000).contains(second) else {
            offset = behindFirst
            return "\u{FFFD}"
        }
        let code = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
        return Unicode.Scalar(code) ?? "\u{FFFD}"
    }

    private mutating func fourHexDigits() throws(WireError) -> UInt32 {
        let digits = bytes[offset...].prefix(4)
        guard digits.count == 4,
            let text = String(validating: digits, as: UTF8.self),
            text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let code = UInt32(text, radix: 16)
        else { throw failure("four hexadecimal digits") }
        offset += 4
        return code
    }

    // MARK: Bytes

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = peek, byte == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            offset += 1
        }
    }

    private func failure(_ expected: String) -> WireError {
        .syntax(document: name, offset: offset, found: found, expected: expected)
    }

    private var found: String {
        guard let byte = peek else { return "the end" }
        return (0x21..<0x7F).contains(byte)
            ? "'\(Unicode.Scalar(byte))'"
            : "the byte 0x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
    }
}
