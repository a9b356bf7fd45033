import ManateeCore
import ManateeWire
import Testing

@Suite("A cluster state that is not as it must be")
struct HostileStateTests {
    struct Damage: Sendable, CustomTestStringConvertible {
        let field: String
        let value: JSONValue?
        let error: String

        init(_ field: String, _ value: JSONValue?, _ error: String) {
            self.field = field
            self.value = value
            self.error = error
        }

        var testDescription: String { error }
    }

    @Test(arguments: [
        Damage("generation", nil, "generation: found nothing, expected a whole number"),
        Damage("generation", .string("2"), "generation: found the text \"2\", expected a whole"),
        Damage("generation", .number(1.5), "generation: found the number 1.5, expected a whole"),
        Damage("generation", .integer(-1), "generation: found the number -1, expected a whole"),
        Damage("generation", .number(1e300), "generation: found the number 1e+300, expected"),
        Damage("primary", nil, "primary: found nothing, expected a peer"),
        Damage("primary", .null, "primary: found null, expected an object"),
        Damage("primary", .object([:]), "primary.id: found nothing, expected a text"),
        Damage("sync", nil, "sync: found nothing, expected a peer or null"),
        Damage("sync", .array([]), "sync: found a list, expected an object"),
        Damage("async", nil, "async: found nothing, expected a list of peers"),
        Damage("async", .object([:]), "async: found an object, expected a list of peers"),
        Damage("async", .array([Golden.peer(9), .integer(5)]), "async[1]: found the number 5"),
        Damage("async", .array([.object(["id": .integer(1)])]), "async[0].id: found the number 1"),
        Damage("deposed", .string("x"), "deposed: found the text \"x\", expected a list"),
        Damage("initWal", nil, "initWal: found nothing, expected a position HEX/HEX"),
        Damage("initWal", .integer(0), "initWal: found the number 0, expected a position"),
        Damage("initTimeline", .integer(0), "initTimeline: found the number 0, expected a whole"),
        Damage("initTimeline", .integer(4_294_967_296), "initTimeline: found the number 42949672"),
        Damage("oneNodeWriteMode", .string("on"), "oneNodeWriteMode: found the text \"on\", expe"),
    ])
    func `names the field, what was found and what was expected`(damage: Damage) throws {
        let bytes = try Golden.state { $0[damage.field] = damage.value }
        #expect {
            try ClusterStateJSON.decode(bytes)
        } throws: {
            String(describing: $0).hasPrefix("the cluster state: \(damage.error)")
        }
    }

    @Test(arguments: [
        Damage("from", nil, "from: found nothing, expected a text"),
        Damage("to", .integer(5), "to: found the number 5, expected a text"),
        Damage("generation", .integer(-1), "generation: found the number -1, expected a whole"),
        Damage("generation", nil, "generation: found nothing, expected a whole number"),
        Damage(
            "expireTime",
            .string("soon"),
            "expireTime: found the text \"soon\", expected a time"
        ),
        Damage("expireTime", .integer(7), "expireTime: found the number 7, expected a text"),
        Damage("finalWal", .string("x/1"), "finalWal: found the text \"x/1\", expected a position"),
        Damage("finalWal", nil, "finalTimeline: found the number 3, expected finalWal beside it"),
        Damage("finalTimeline", nil, "finalTimeline: found nothing, expected the timeline of"),
        Damage("finalTimeline", .integer(0), "finalTimeline: found the number 0, expected a whole"),
    ])
    func `names the field of a handover`(damage: Damage) throws {
        let bytes = try Golden.state { fields in
            guard case .object(let whole)? = try? Golden.json("state/handover-final.json"),
                case .object(var handover)? = whole["handover"]
            else { return }
            handover[damage.field] = damage.value
            fields["handover"] = .object(handover)
        }
        #expect {
            try ClusterStateJSON.decode(bytes)
        } throws: {
            String(describing: $0).hasPrefix("the cluster state: handover.\(damage.error)")
        }
    }

    @Test(arguments: [JSONValue.boolean(true), .string("x"), .array([]), .integer(1)])
    func `has a handover that is no object`(value: JSONValue) throws {
        let bytes = try Golden.state { $0["handover"] = value }
        #expect(throws: WireError.self) { try ClusterStateJSON.decode(bytes) }
        #expect(
            try ClusterStateJSON.decode(try Golden.state { $0["handover"] = .null }).handover == nil
        )
    }

    @Test func `shows no more than an excerpt of a long value`() throws {
        let long = String(repeating: "x", count: 100_000)
        let bytes = try Golden.state { $0["initWal"] = .string(long) }
        #expect {
            try ClusterStateJSON.decode(bytes)
        } throws: {
            String(describing: $0).count < 250
        }
    }

    @Test func `that is cut off anywhere is an error`() throws {
        let whole = try Golden.bytes("state/unknown-fields.json")
        for length in whole.indices {
            #expect(throws: WireError.self) {
                try ClusterStateJSON.decode(Array(whole[..<length]))
            }
        }
    }

    @Test func `never makes the reader crash, whatever byte is wrong`() throws {
        let whole = try Golden.bytes("state/unknown-fields.json")
        for place in whole.indices {
            for byte: UInt8 in [0, 0x22, 0x5C, 0x7B, 0x7D, 0x2D, 0x80, 0xC3, 0xFF] {
                var bytes = whole
                bytes[place] = byte
                // Either result is right for some of these; a crash is for none.
                _ = try? ClusterStateJSON.decode(bytes)
            }
        }
    }

    @Test(arguments: ["", " ", "\u{FEFF}{}", "null", "[]", "3", "\"x\"", "{} {}", "{\"a\":1,}"])
    func `may be no object at all`(text: String) {
        #expect(throws: WireError.self) { try ClusterStateJSON.decode(Array(text.utf8)) }
    }

    @Test func `that lists a peer twice is left to the core, with both places`() throws {
        let twice = JSONValue.array([Golden.peer(9), Golden.peer(9)])
        let state = try ClusterStateJSON.decode(try Golden.state { $0["async"] = twice })
        #expect(state.async.count == 2)
    }
}
