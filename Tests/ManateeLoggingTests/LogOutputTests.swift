import Foundation
import Glibc
import Logging
import Testing

@testable import ManateeLogging

@Suite("A log's output")
struct LogOutputTests {
    /// A pipe whose reader is under the test's control.
    private struct TestPipe {
        let reader: Int32
        let writer: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            (reader, writer) = (ends[0], ends[1])
            // Only the reading end: a program's standard output blocks.
            try #require(fcntl(reader, F_SETFL, O_NONBLOCK) == 0)
        }

        func readAll() -> String {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = Glibc.read(reader, &buffer, buffer.count)
                guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
                bytes += buffer.prefix(count)
            }
        }

        func close() {
            Glibc.close(reader)
            Glibc.close(writer)
        }
    }

    private func logger(_ pipe: TestPipe, level: Logger.Level = .info) -> Logger {
        let output = LogOutput(name: "test", descriptor: pipe.writer, environment: [:])
        return Logger(label: "test") {
            ManateeLogHandler(label: $0, level: level, output: output)
        }
    }

    private func messages(_ text: String) throws -> [String] {
        try text.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return try #require((object as? [String: Any])?["msg"] as? String)
        }
    }

    @Test func `is bunyan's on a pipe, one line for each event`() throws {
        let pipe = try TestPipe()
        defer { pipe.close() }
        var logger = logger(pipe)
        logger[metadataKey: "peer.id"] = "a"
        logger.info("one", metadata: ["generation": "1"])
        logger.debug("not shown")
        logger.error("two")
        let text = pipe.readAll()
        #expect(try messages(text) == ["one", "two"])
        #expect(text.contains("\"generation\":\"1\",\"peer.id\":\"a\""))
        #expect(text.hasSuffix("\n"))
    }

    @Test func `keeps lines whole when many write at once`() async throws {
        let pipe = try TestPipe()
        defer { pipe.close() }
        let logger = logger(pipe)
        await withDiscardingTaskGroup { group in
            for number in 0..<8 {
                group.addTask {
                    for _ in 0..<20 {
                        logger.info(
                            "\(number)",
                            metadata: ["x": "\(String(repeating: "y", count: 99))"]
                        )
                    }
                }
            }
        }
        #expect(try messages(pipe.readAll()).count == 160)
    }

    @Test(.timeLimit(.minutes(1)))
    func `drops lines while nobody reads, and says how many`() throws {
        let pipe = try TestPipe()
        defer { pipe.close() }
        let logger = logger(pipe)
        let long = String(repeating: "z", count: 3000)
        for _ in 0..<100 { logger.info("long", metadata: ["text": "\(long)"]) }
        let before = try messages(pipe.readAll())
        logger.info("after")
        let after = pipe.readAll()
        #expect(before.count < 100)
        #expect(
            try messages(after) == ["log lines were dropped because nobody read them", "after"]
        )
        #expect(after.contains("\"log.dropped\":\(100 - before.count)"))
    }

    @Test func `writes lines longer than a pipe takes at once`() async throws {
        let pipe = try TestPipe()
        defer { pipe.close() }
        let logger = logger(pipe)
        let long = String(repeating: "z", count: 30000)
        logger.info("long", metadata: ["text": "\(long)"])
        #expect(try messages(pipe.readAll()) == ["long"])
    }

    @Test func `has no colours where the environment refuses them`() throws {
        var first: Int32 = 0
        var second: Int32 = 0
        try #require(openpty(&first, &second, nil, nil, nil) == 0)
        defer {
            close(first)
            close(second)
        }
        for (environment, expected) in [
            (["NO_COLOR": "1"], false), (["NO_COLOR": ""], true), (["TERM": "dumb"], false),
        ] {
            let output = LogOutput(name: "t", descriptor: second, environment: environment)
            Logger(label: "t") { ManateeLogHandler(label: $0, level: .info, output: output) }
                .info("hello")
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(first, &buffer, buffer.count)
            let line = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
            #expect(line.contains("hello"))
            #expect(!line.hasPrefix("{"))
            #expect(line.contains("\u{1b}[") == expected)
        }
    }
}
