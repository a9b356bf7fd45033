import ManateeCore
import Testing

@Suite("The time of day")
struct WallTimeTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00.000Z", 0), ("1970-01-01", 0), ("1969-12-31T23:59:59Z", -1000),
        ("2000-02-29T23:59:59.999Z", 951_868_799_999), ("2010-01-01", 1_262_304_000_000),
        ("2026-03-01T12:00:00Z", 1_772_366_400_000), ("2026-03-01T12:00Z", 1_772_366_400_000),
        ("2026-03-01T14:00:00.5+02:00", 1_772_366_400_500),
        ("2026-03-01T06:30:00-05:30", 1_772_366_400_000),
        ("2026-03-01T12:00:00.123456789Z", 1_772_366_400_123),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999), ("0000-01-01", -62_167_219_200_000),
        ("1772366400000", 1_772_366_400_000), ("0", 0),
    ])
    func `is read as the tools write it`(_ text: String, _ milliseconds: Int64) {
        #expect(WallTime(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "test", "-1", "+5", "2026-", "2026-13-01", "2026-00-01", "2026-02-29",
        "1900-02-29", "2026-03-01T", "2026-03-01T12", "2026-03-01T12:00:00", "2026-03-01T24:00Z",
        "2026-03-01T12:60Z", "2026-03-01T12:00:60Z", "2026-03-01T12:00:00.Z", "2026-03-01 12:00Z",
        "2026-03-01T12:00:00Z ", "2026-03-01T12:00:00+2", "2026-03-01T12:00+24:00",
        "8640000000000001", "99999999999999999999", "٢٠٢٦-03-01", "1e3", "0x10",
    ])
    func `is nothing else`(_ text: String) {
        #expect(WallTime(text) == nil)
    }

    @Test(arguments: [0, 951_782_400_000, 951_868_799_999, 1_772_366_400_123, 253_402_300_799_999])
    func `is printed so that it reads back`(_ milliseconds: Int64) {
        let time = WallTime(milliseconds: milliseconds)
        #expect(WallTime(time.description) == time)
    }

    @Test func `is printed whatever it is`() {
        #expect(WallTime(milliseconds: 951_868_799_999).description == "2000-02-29T23:59:59.999Z")
        for milliseconds in [Int64.min, -1, 253_402_300_800_000, .max] {
            #expect(
                WallTime(milliseconds: milliseconds).description == "\(milliseconds) ms since 1970"
            )
        }
    }
}

@Suite("A request to promote")
struct PromoteRequestTests {
    private let now = WallTime(milliseconds: 1_772_366_400_000)
    private let members: [String: JSONValue] = [
        "id": .string("n3"), "role": .string("async"), "asyncIndex": .integer(0),
        "generation": .integer(7), "expireTime": .string("2026-03-01T12:00:30.000Z"),
    ]

    private func state(_ promote: JSONValue?) -> ClusterState {
        ClusterState(
            generation: Generation(7),
            primary: World.peer("n1"),
            sync: World.peer("n2"),
            async: [World.peer("n3"), World.peer("n4")],
            deposed: [],
            initWAL: .zero,
            promote: promote
        )
    }

    private func problem(_ changes: [String: JSONValue]) -> PromoteRequest.Problem? {
        let changed = members.merging(changes) { $1 }
        switch PromoteRequest.pending(in: state(.object(changed)), at: now) {
        case .failure(let problem)?: return problem
        case .success?, nil: return nil
        }
    }

    @Test func `is read with its members, and unknown ones do no harm`() throws {
        let request = try PromoteRequest(.object(members.merging(["why": .null]) { $1 }))
        #expect(request.id == PeerID("n3") && request.place == .async(0))
        #expect(request.generation == Generation(7))
        #expect(request.expireTime == WallTime(milliseconds: now.milliseconds + 30_000))
        #expect(PromoteRequest.pending(in: state(.object(members)), at: now) == .success(request))
        #expect(PromoteRequest.pending(in: state(nil), at: now) == nil)
    }

    @Test(arguments: [
        JSONValue.null, .boolean(true), .integer(1), .number(.nan), .number(.infinity),
        .string(""), .string("async"), .array([]), .array([.object([:])]), .object([:]),
        .object(["id": .object([:]), "role": .array([.null])]),
    ])
    func `is refused, whatever else is there`(_ value: JSONValue) {
        guard case .failure? = PromoteRequest.pending(in: state(value), at: now) else {
            Issue.record("\(value) is taken for a request")
            return
        }
    }

    @Test(arguments: ["id", "role", "asyncIndex", "generation", "expireTime"])
    func `is refused if a member is missing or has another form`(_ name: String) {
        let odd: [JSONValue] = [
            .null, .boolean(true), .number(0.5), .number(1e300), .string("\u{0}\n"), .array([]),
            .object([:]),
        ]
        for value in odd where !(name == "id" && value.text != nil) {
            #expect(problem([name: value]) != nil, "\(name): \(value)")
        }
        var missing = members
        missing[name] = nil
        let result = PromoteRequest.pending(in: state(.object(missing)), at: now)
        if case .success? = result { Issue.record("\(name) may be missing") }
    }

    @Test func `is refused for the first reason in the original's order`() {
        let late = JSONValue.string("2010-01-01")
        let other = JSONValue.integer(6)
        #expect(
            problem(["role": .string("primary"), "expireTime": .string("x"), "generation": other])
                == .field("role", wanted: "sync or async")
        )
        #expect(
            problem(["expireTime": .string("x"), "generation": other]) == .expireTime("x")
        )
        #expect(
            problem(["expireTime": late, "generation": other])
                == .generation(Generation(6), present: Generation(7))
        )
        #expect(
            problem(["expireTime": late, "asyncIndex": .integer(9)])
                == .expired(WallTime(milliseconds: 1_262_304_000_000))
        )
        #expect(problem(["asyncIndex": .integer(9)]) == .noSuchAsync(9, count: 2))
        #expect(problem(["asyncIndex": .integer(.min)]) == .noSuchAsync(.min, count: 2))
        #expect(
            problem(["asyncIndex": .integer(1)])
                == .notAtIndex(PeerID("n3"), 1, present: PeerID("n4"))
        )
        #expect(
            problem(["role": .string("sync")])
                == .notSync(PeerID("n3"), present: PeerID("n2"))
        )
    }

    @Test func `lives until the end of the millisecond that it names`() {
        #expect(problem(["expireTime": .string("\(now)")]) == nil)
        let before = WallTime(milliseconds: now.milliseconds - 1)
        #expect(problem(["expireTime": .string("\(before)")]) == .expired(before))
    }

    @Test func `is refused while there is no sync`() {
        var alone = state(.object(members.merging(["role": .string("sync")]) { $1 }))
        alone.sync = nil
        alone.oneNodeWriteMode = true
        #expect(PromoteRequest.pending(in: alone, at: now) == .failure(.oneNodeWriteMode))
    }

    @Test func `is told about on one short line, whatever it names`() {
        let name = String(repeating: "x\n", count: 1000)
        let words = PromoteRequest.Problem.notSync(PeerID(name), present: nil).description
        #expect(!words.contains("\n") && words.count < 300)
    }
}
