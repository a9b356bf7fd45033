import ManateeCore
import ManateeWire
import Testing

@Suite("The cluster state as an original shard holds it")
struct ClusterStateJSONTests {
    @Test(arguments: [
        "normal", "initial", "frozen-object", "frozen-boolean", "singleton", "promote", "deposed",
        "without-backup-url", "unknown-fields", "ours", "handover-announced", "handover-final",
        "handover-unknown-fields",
    ])
    func `is written back with exactly its fields`(name: String) throws {
        let original = try Golden.bytes("state/\(name).json")
        let written = ClusterStateJSON.encode(try ClusterStateJSON.decode(original))
        #expect(
            try JSONText.parse(written, document: "ours")
                == JSONText.parse(original, document: "theirs")
        )
        #expect(written.count == original.count, "compact, as the original writes")
    }

    @Test(arguments: ["normal", "initial", "frozen-object", "frozen-boolean", "promote", "deposed"])
    func `is written in the order in which the original writes`(name: String) throws {
        let original = try Golden.bytes("state/\(name).json")
        let written = ClusterStateJSON.encode(try ClusterStateJSON.decode(original))
        let text = String(decoding: written, as: UTF8.self)
        let parts = [
            #"{"generation":"#, #","primary":{"id":"#, #","sync":{"id":"#, #","async":["#,
            #","deposed":["#, #","initWal":""#,
        ]
        var rest = text[...]
        for part in parts {
            let range = try #require(rest.firstRange(of: part), "\(part) in \(text)")
            rest = rest[range.upperBound...]
        }
        #expect(name == "promote" || written == original)
    }

    @Test func `tells who has which place`() throws {
        let state = try Golden.state("normal")
        #expect(state.generation == Generation(2))
        #expect(state.primary.id == PeerID("10.77.77.7:5432:12345"))
        #expect(state.primary.ip == "10.77.77.7")
        #expect(state.primary.postgresURL == "tcp://postgres@10.77.77.7:5432/postgres")
        #expect(state.primary.backupURL == "http://10.77.77.7:12345")
        #expect(state.primary.zoneID == "7e0b5c4a-1c2d-4c68-9a4e-5d8e6f0b7a17")
        #expect(state.sync?.id == PeerID("10.77.77.8:5432:12345"))
        #expect(state.async.map(\.id) == [PeerID("10.77.77.9:5432:12345")])
        #expect(state.deposed.isEmpty)
        #expect(state.initWAL == LSN("0/4405D30"))
        #expect(state.initTimeline == nil)
        #expect(state.freeze == nil)
        #expect(!state.oneNodeWriteMode)
        #expect(state.promote == nil)
        #expect(state.unknownFields.isEmpty && state.primary.unknownFields.isEmpty)
    }

    @Test func `tells the timeline that we add`() throws {
        #expect(try Golden.state("ours").initTimeline == TimelineID(3))
    }

    @Test func `tells of a handover, and where the log of the old primary ends`() throws {
        let announced = try #require(try Golden.state("handover-announced").handover)
        #expect(announced.from == PeerID("10.77.77.7:5432:12345"))
        #expect(announced.to == PeerID("10.77.77.8:5432:12345"))
        #expect(announced.generation == Generation(6))
        #expect(announced.expireTime == WallTime("2026-03-01T12:00:10.000Z"))
        #expect(announced.final == nil)
        let state = try Golden.state("handover-final")
        #expect(
            state.finalPosition == WALPosition(timeline: TimelineID(3), lsn: LSN(0x500_0110))
        )
    }

    @Test func `keeps what it does not know of a handover`() throws {
        let handover = try #require(try Golden.state("handover-unknown-fields").handover)
        #expect(handover.unknownFields.keys.sorted() == ["by", "plan"])
    }

    @Test func `of one node has no sync`() throws {
        let state = try Golden.state("singleton")
        #expect(state.sync == nil)
        #expect(state.oneNodeWriteMode)
        #expect(state.freeze?.reason == "manatee setup: one node write mode")
    }

    @Test func `of an early version has nobody deposed`() throws {
        let state = try Golden.state("early-without-deposed")
        #expect(state.deposed.isEmpty)
        let written = try JSONText.parse(ClusterStateJSON.encode(state), document: "ours")
        #expect(written["deposed"] == .array([]))
    }

    @Test func `that was backfilled begins at the beginning of the log`() throws {
        let state = try Golden.state("backfilled")
        #expect(state.initWAL == .zero)
        #expect(state.generation == Generation(0))
    }

    @Test func `that a human edited is understood`() throws {
        #expect(
            ClusterStateJSON.encode(try Golden.state("edited-by-hand"))
                == ClusterStateJSON.encode(try Golden.state("normal"))
        )
    }

    @Test func `keeps what it does not know, at the top and inside peers`() throws {
        let state = try Golden.state("unknown-fields")
        #expect(state.unknownFields.keys.sorted() == ["counter", "nested", "ratio", "site"])
        #expect(state.unknownFields["counter"] == .integer(9_007_199_254_740_993))
        #expect(state.primary.unknownFields["rack"]?["row"] == .integer(3))
        #expect(state.async[0].unknownFields == ["note": .null])
    }

    @Test(arguments: [
        (JSONValue?.none, Freeze?.none),
        (.null, nil),
        (.boolean(false), nil),
        (.boolean(true), .bare(.boolean(true))),
        (.integer(1), .bare(.integer(1))),
        (.string("yes"), .bare(.string("yes"))),
        (.array([]), .bare(.array([]))),
        (.object([:]), .explained([:])),
        (
            .object(["reason": .string("r"), "by": .string("me")]),
            .explained(["reason": .string("r"), "by": .string("me")])
        ),
    ])
    func `is frozen by everything but nothing, null and false`(
        value: JSONValue?,
        freeze: Freeze?
    ) throws {
        let bytes = try Golden.state { $0["freeze"] = value }
        let state = try ClusterStateJSON.decode(bytes)
        #expect(state.freeze == freeze)
        let written = try JSONText.parse(ClusterStateJSON.encode(state), document: "ours")
        #expect(written["freeze"] == (freeze == nil ? nil : value))
    }

    @Test(arguments: [
        ("0/00000000", "0/0"), ("0/0000000", "0/0"), ("16/B374D848", "16/B374D848"),
        ("0/4405D30junk", "0/4405D30"), (" 1/ 2", "1/2"), ("0x1f/0Xa", "1F/A"), ("a z/b z", "A/B"),
    ])
    func `takes a log position as leniently as the original`(text: String, lsn: String) throws {
        let bytes = try Golden.state { $0["initWal"] = .string(text) }
        #expect(try ClusterStateJSON.decode(bytes).initWAL == LSN(lsn))
    }

    @Test(arguments: ["", "0", "0/", "/0", "1/2/3", "x/1", "-1/0", "100000000/0", "0/123456789"])
    func `refuses what is no log position`(text: String) throws {
        let bytes = try Golden.state { $0["initWal"] = .string(text) }
        #expect {
            try ClusterStateJSON.decode(bytes)
        } throws: {
            String(describing: $0).hasPrefix("the cluster state: initWal: found the text")
        }
    }
}
