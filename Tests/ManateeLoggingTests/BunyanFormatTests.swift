import Foundation
import Logging
import Testing

@testable import ManateeLogging

@Suite("A line for bunyan")
struct BunyanFormatTests {
    private let format = BunyanFormat(name: "manatee-sitter", hostname: "h\"1", pid: 42)

    private func read(
        _ metadata: Logger.Metadata = [:],
        message: String = "took over",
        level: Logger.Level = .info,
        label: String = "manatee-sitter",
        error: String? = nil
    ) throws -> [String: Any] {
        let line = format.line(
            LogRecord(
                time: LogTime(seconds: 1_763_828_093, milliseconds: 7),
                level: level,
                label: label,
                message: message,
                fields: LogField.flatten(metadata),
                error: error
            )
        )
        #expect(!line.contains("\n"))
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        return try #require(object as? [String: Any])
    }

    @Test func `has bunyan's own fields`() throws {
        let line = try read()
        #expect(line.count == 7)
        #expect(line["v"] as? Int == 0)
        #expect(line["level"] as? Int == 30)
        #expect(line["name"] as? String == "manatee-sitter")
        #expect(line["hostname"] as? String == "h\"1")
        #expect(line["pid"] as? Int == 42)
        #expect(line["time"] as? String == "2025-11-22T16:14:53.007Z")
        #expect(line["msg"] as? String == "took over")
    }

    @Test func `numbers levels as bunyan does`() throws {
        let numbers = try Logger.Level.allCases.map { try read(level: $0)["level"] as? Int }
        #expect(numbers == [10, 20, 30, 30, 40, 50, 60])
    }

    @Test func `keeps every text as it was`() throws {
        let text =
            "quote \" backslash \\ tab \t newline \n bell \u{7} zero \0 escape \u{1b}[31m é 🐘 \u{2028}"
        let line = try read(["text": .string(text)], message: text)
        #expect(line["msg"] as? String == text)
        #expect(line["text"] as? String == text)
    }

    @Test func `survives what is no UTF-8`() throws {
        let broken = String(decoding: [0x61, 0xFF, 0xC3, 0x28, 0xED, 0xA0, 0x80], as: UTF8.self)
        let line = try read(message: broken)
        #expect((line["msg"] as? String)?.hasPrefix("a\u{fffd}") == true)
    }

    @Test func `has metadata flat, dotted and typed`() throws {
        let line = try read([
            "peer.id": "10.0.0.7:5432:12345",
            "wal": ["own": "0/5", "bytes": .stringConvertible(5)],
            "open": .stringConvertible(true),
            "lag": .stringConvertible(0.5),
            "nothing": .stringConvertible(Double.nan),
            "peers": ["a", "b"],
        ])
        #expect(line["peer.id"] as? String == "10.0.0.7:5432:12345")
        #expect(line["wal.own"] as? String == "0/5")
        #expect(line["wal.bytes"] as? Int == 5)
        #expect(line["open"] as? Bool == true)
        #expect(line["lag"] as? Double == 0.5)
        #expect(line["nothing"] as? String == "nan")
        #expect((line["peers"] as? [Any])?.map { "\($0)" } == ["a", "b"])
    }

    @Test func `does not let metadata replace bunyan's fields`() throws {
        let line = try read(["name": "x", "pid": .stringConvertible(1), "msg": "y"])
        #expect(line["name"] as? String == "manatee-sitter")
        #expect(line["pid"] as? Int == 42)
        #expect(line["field.name"] as? String == "x")
        #expect(line["field.pid"] as? Int == 1)
        #expect(line["field.msg"] as? String == "y")
    }

    @Test func `hides secrets, however deep they lie`() throws {
        let line = try read([
            "password": "hunter2", "db": ["Password": "hunter2", "nested": ["secret": "hunter2"]],
            "secrets": ["hunter2"], "list": [["password": "hunter2"]], "secretFile": "/etc/s",
        ])
        let text = "\(line)"
        #expect(!text.contains("hunter2"))
        #expect(line["db.nested.secret"] as? String == "(redacted)")
        #expect(line["secretFile"] as? String == "/etc/s")
    }

    @Test func `names the part of the program and the error`() throws {
        let line = try read(label: "zookeeper", error: "no route to host")
        #expect(line["component"] as? String == "zookeeper")
        #expect((line["err"] as? [String: String]) == ["message": "no route to host"])
    }
}

@Suite("A line for people")
struct TerminalFormatTests {
    private let record = LogRecord(
        time: LogTime(seconds: 0, milliseconds: 5),
        level: .warning,
        label: "x",
        message: "sync\nis \u{1b}[2Jgone",
        fields: LogField.flatten([
            "peer": "a b", "empty": "", "number": .stringConvertible(3),
            "list": ["x", "y"], "quoted": "say \"hi\"",
        ]),
        error: nil
    )

    @Test func `shows time, level, message and what goes with it`() {
        #expect(
            TerminalFormat(hasColours: false).line(record) == """
                1970-01-01T00:00:00.005Z warn  sync\\nis \\u{1b}[2Jgone empty="" list=[x, y] number=3 \
                peer="a b" quoted="say \\"hi\\""
                """
        )
    }

    @Test func `has colours only if they are wanted`() {
        #expect(!TerminalFormat(hasColours: false).line(record).contains("\u{1b}"))
        #expect(TerminalFormat(hasColours: true).line(record).contains("\u{1b}[33mwarn \u{1b}[0m"))
    }
}
