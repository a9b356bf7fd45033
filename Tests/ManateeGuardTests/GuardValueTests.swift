import ManateeGuard
import Testing

@Suite("A guard's values")
struct GuardValueTests {
    @Test func `an order survives the way through a program's arguments`() throws {
        let order = GuardOrder(
            dataDirectory: "/srv/pg data",
            limit: .milliseconds(4500),
            sitter: "sitter 7 1.5"
        )
        #expect(order.arguments == ["/srv/pg data", "4500", "sitter 7 1.5"])
        #expect(GuardOrder(arguments: order.arguments) == order)
    }

    @Test(arguments: [
        [], ["/data", "1000"], ["data", "1000", "s"], ["/data", "99", "s"], ["/data", "1s", "s"],
        ["/data", "1000", ""], ["/data", "1000", "s", "more"],
    ])
    func `an order is refused if it makes no sense`(arguments: [String]) {
        #expect(GuardOrder(arguments: arguments) == nil)
    }

    @Test func `silence is over after so many wake-ups without a word`() {
        var silence = Silence(limit: .seconds(10))
        #expect(silence.pause == .milliseconds(500))
        for _ in 0..<19 { silence.wokeUp(after: .milliseconds(500)) }
        #expect(!silence.isOver)
        silence.wokeUp(after: .milliseconds(500))
        #expect(silence.isOver)
    }

    @Test func `a word ends the silence`() {
        var silence = Silence(limit: .seconds(10))
        for _ in 0..<19 { silence.wokeUp(after: .milliseconds(500)) }
        silence.heard()
        silence.wokeUp(after: .milliseconds(500))
        #expect(!silence.isOver)
    }

    @Test func `one late wake-up is not taken for long silence`() {
        var silence = Silence(limit: .seconds(10))
        silence.wokeUp(after: .seconds(3600))
        #expect(!silence.isOver)
    }

    @Test func `a record is a line of the log`() {
        let record = GuardRecord(
            cause: .silent,
            order: GuardOrder(dataDirectory: "/a\"b\\\n", limit: .seconds(2), sitter: "s"),
            stop: .killed(17),
            pid: 9,
            time: "2026-11-22T17:37:58.429Z"
        )
        #expect(
            record.line == #"{"v":0,"level":40,"name":"manatee-guard","pid":9,"#
                + #""time":"2026-11-22T17:37:58.429Z","#
                + #""msg":"stopped postgres, which nobody was in charge of","#
                + #""reason":"the sitter stands still","limit.milliseconds":2000,"sitter":"s","#
                + #""postgres.dataDirectory":"/a\"b\\\u000a","postgres.pid":17,"#
                + #""postgres.signal":"SIGKILL"}"# + "\n"
        )
    }
}
