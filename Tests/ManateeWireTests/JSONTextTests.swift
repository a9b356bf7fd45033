import ManateeCore
import ManateeWire
import Testing

@Suite("JSON")
struct JSONTextTests {
    static func parse(_ text: String) throws(WireError) -> JSONValue {
        try JSONText.parse(Array(text.utf8), document: "it")
    }

    @Test(arguments: [
        ("0", JSONValue.integer(0)), ("-0", .integer(0)), ("1.0", .integer(1)),
        ("1e3", .integer(1000)), ("0.5", .number(0.5)), ("-1.5E-3", .number(-0.0015)),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9007199254740993", .integer(9_007_199_254_740_993)),
        ("18446744073709551616", .number(18_446_744_073_709_551_616)),
    ])
    func `keeps a number of 64 bits exact`(text: String, value: JSONValue) throws {
        #expect(try Self.parse(text) == value)
    }

    @Test(arguments: [
        "01", "1.", ".5", "+1", "1e", "--1", "0x10", "NaN", "Infinity", "1e400", "tru", "nul",
        "'a'",
        "[1,]", "[1 2]", "{\"a\" 1}", "{a:1}", "{\"a\":}", "\"\\x\"", "\"\\u12\"", "\"\\u+123\"",
        "\"a\nb\"", "\"a", "[", "{", "[[]", "//", "1 1",
    ])
    func `is read strictly`(text: String) {
        #expect(throws: WireError.self) { try Self.parse(text) }
    }

    @Test(arguments: [
        (#""\u00e9\n\t\/\"\\""#, "é\n\t/\"\\"), (#""\ud83d\ude00""#, "😀"),
        (#""\ud83d""#, "\u{FFFD}"),
        (#""\ud83dx""#, "\u{FFFD}x"), (#""\ude00""#, "\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
        (#""\u0000""#, "\0"),
    ])
    func `understands escaped characters`(text: String, value: String) throws {
        #expect(try Self.parse(text) == .string(value))
    }

    @Test func `takes the last of members with the same name, as the original`() throws {
        #expect(try Self.parse(#"{"a":1,"a":2}"#) == .object(["a": .integer(2)]))
    }

    @Test func `must be UTF-8`() {
        let expected = WireError.syntax(
            document: "it",
            offset: 0,
            found: "'\"'",
            expected: "a text in UTF-8"
        )
        #expect(throws: expected) { try JSONText.parse([0x22, 0xFF, 0x22], document: "it") }
    }

    @Test func `says where it is wrong`() {
        #expect {
            try Self.parse("{\"a\":[1,}")
        } throws: {
            String(describing: $0) == "it is not JSON: at byte 8 found '}', expected a value"
        }
    }

    @Test func `may be nested, but not without bound`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try Self.parse(nested(JSONText.maximumDepth))
        #expect(throws: WireError.self) { try Self.parse(nested(100_000)) }
        let objects = String(repeating: "{\"a\":", count: 100_000)
        #expect(throws: WireError.self) { try Self.parse(objects) }
    }

    @Test func `is refused beyond the size of a node`() {
        let bytes = [UInt8](repeating: 0x20, count: JSONText.maximumBytes + 1)
        let expected = WireError.tooLarge(
            document: "it",
            bytes: bytes.count,
            limit: JSONText.maximumBytes
        )
        #expect(throws: expected) { try JSONText.parse(bytes, document: "it") }
    }

    @Test func `is written compact, ordered, with as few escapes as possible`() throws {
        let value = try Self.parse(
            #"{ "b" : [ 1 , 2.5 , null ] , "a" : "x/y\u00fc\u0001\b\f\r\n\t\"\\" , "c" : {} }"#
        )
        #expect(
            JSONText.text(value)
                == #"{"a":"x/yü\u0001\b\f\r\n\t\"\\","b":[1,2.5,null],"c":{}}"#
        )
    }
}
