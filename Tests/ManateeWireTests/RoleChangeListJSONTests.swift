import ManateeCore
import ManateeJournal
import ManateeWire
import Testing

@Suite("Records of role changes as JSON")
struct RoleChangeListJSONTests {
    static let record = RoleChangeRecord(
        kind: .takeover,
        role: .primary,
        generation: Generation(2),
        began: WallTime(milliseconds: 1_772_366_400_123),
        signs: [.init(.streamLost, after: .zero), .init(.refused, after: .microseconds(3711))],
        segments: [
            .init(.detect, .microseconds(304_283)), .init(.promote, .milliseconds(84)),
            .init(.detect, .zero),
        ],
        obstacles: ["cannot take over: \"x\""]
    )

    static func list(_ records: [RoleChangeRecord]) -> RoleChangeListJSON {
        RoleChangeListJSON(shard: "/manatee/1", peer: PeerID("a:5432:12345"), records: records)
    }

    @Test func `come back as they were written, to the microsecond`() throws {
        for records in [[], [Self.record], [Self.record, Self.record]] {
            let list = Self.list(records)
            #expect(try RoleChangeListJSON(decoding: list.encoded) == list)
        }
    }

    @Test func `carry their sum`() {
        let value = RoleChangeRecordJSON.value(Self.record)
        #expect(value["milliseconds"] == .number(388.283))
    }

    @Test func `as many as are kept, with all that they keep, fit what is read of a file`() {
        let sign = RoleChangeRecord.Sign(
            DetectionCause(String(repeating: "x", count: 200)),
            after: .zero
        )
        var record = Self.record
        record.signs = Array(repeating: sign, count: 8)
        record.obstacles = Array(repeating: String(repeating: "x", count: 1000), count: 8)
        let records = Array(repeating: record, count: Journal.keptRecords)
        #expect(Self.list(records).encoded.count < JSONText.maximumBytes)
    }

    @Test func `are read from what a sitter tells, whatever else it tells`() throws {
        let text = JSONText.text(RoleChangeRecordJSON.value(Self.record))
        let told = Array("{\"seen\":null,\"roleChanges\":[\(text)],\"later\":1}".utf8)
        #expect(try RoleChangeListJSON.told(told) == [Self.record])
    }

    @Test(arguments: [
        ("", "the records of role changes is not JSON: at byte 0 found the end, expected a value"),
        ("{}", "the records of role changes: version: found nothing, expected 1"),
        (
            #"{"version":1,"shard":"s","peer":"p","records":[7]}"#,
            "the records of role changes: records[0]: found the number 7, expected an object"
        ),
        (
            #"{"version":1,"shard":"s","peer":"p","records":[{"began":"now"}]}"#,
            "the records of role changes: records[0].began: found the text \"now\", expected a time"
        ),
        (
            #"{"version":1,"shard":"s","peer":"p","records":[{"began":"2026-03-01","signs":[],"#
                + #""phases":[{"phase":"open","milliseconds":-1}]}]}"#,
            "the records of role changes: records[0].phases[0].milliseconds: found the number -1, "
                + "expected a number of milliseconds"
        ),
        (
            #"{"version":1,"shard":"s","peer":"p","records":[{"began":"2026-03-01","signs":[],"#
                + #""phases":[{"phase":"rest","milliseconds":1}]}]}"#,
            "the records of role changes: records[0].phases[0].phase: found the text \"rest\", "
                + "expected one of detect, decide, fence, promote, attach, open"
        ),
    ])
    func `that are damaged say what is wrong`(text: String, error: String) {
        #expect {
            try RoleChangeListJSON(decoding: Array(text.utf8))
        } throws: {
            String(describing: $0) == error
        }
    }
}
