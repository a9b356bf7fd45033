import Foundation
import ManateeConfiguration
import Testing

@Suite("A broken configuration")
struct BrokenSettingsTests {
    @Test(arguments: SamplesFolder.broken)
    func `is told with place, key, finding, expectation and remedy`(name: String) throws {
        let text = try SamplesFolder.read("Broken/\(name)")
        let error = try #require(throws: InvalidConfiguration.self) {
            try SitterSettingsFile(text: text, file: name, host: "host1")
        }
        let expectedName = "Broken/\(name).txt"
        if ProcessInfo.processInfo.environment["MANATEE_REWRITE"] == "1" {
            try "\(error)\n".write(
                to: SamplesFolder.root.appending(path: expectedName),
                atomically: true,
                encoding: .utf8
            )
        }
        let expected = try SamplesFolder.read(expectedName)
        #expect("\(error)\n" == expected)
        for problem in error.problems {
            #expect(!problem.found.isEmpty && !problem.expected.isEmpty && !problem.remedy.isEmpty)
        }
    }

    @Test func `has samples`() {
        #expect(SamplesFolder.broken.count >= 12)
    }

    @Test func `names the environment variable when that is what is wrong`() throws {
        let text = try SamplesFolder.read("minimal.yaml")
        let error = try #require(throws: InvalidConfiguration.self) {
            try SitterSettingsFile(
                text: text,
                file: "minimal.yaml",
                host: "host1",
                environment: ["MANATEE_POSTGRES_HEALTH_CHECK_INTERVAL": "often"]
            )
        }
        #expect(
            "\(error)" == """
                environment variable MANATEE_POSTGRES_HEALTH_CHECK_INTERVAL: \
                postgres.healthCheckInterval: found `often`; \
                expected a duration with its unit, 100ms to 1h; \
                to mend it: write a number and ms, s, m or h, for example 10s
                """
        )
    }

    @Test(arguments: [
        ("{", 1), ("{\"a\": \"\\ud800\"}", 1), ("{\"a\": \"\\x\"}", 1), ("[1, 2", 1),
        ("{\"a\": 1e}", 1), ("{\"a\":\n nul}", 2), ("{} {}", 1), ("{\"a\" 1}", 1),
        ("{\"a\":1 \"b\"}", 1),
        ("{1: 2}", 1),
    ])
    func `of damaged JSON says in which line`(text: String, line: Int) throws {
        let error = try #require(throws: InvalidConfiguration.self) {
            try SitterSettingsFile(text: text, file: "sitter.json", host: "host1")
        }
        #expect(error.problems.map(\.line) == [line])
    }

    @Test func `that nests without end is refused, not followed`() throws {
        let error = try #require(throws: InvalidConfiguration.self) {
            try SitterSettingsFile(
                text: String(repeating: "[", count: 100_000),
                file: "sitter.json",
                host: "host1"
            )
        }
        #expect(error.problems.map(\.expected) == ["at most 64 levels of nesting"])
    }

    @Test func `never repeats a password`() throws {
        let text = try SamplesFolder.read("Broken/original-wrong-types.json")
        #expect(text.contains("hunter2"))
        let error = try #require(throws: InvalidConfiguration.self) {
            try SitterSettingsFile(text: text, file: "sitter.json", host: "host1")
        }
        #expect("\(error)".contains("postgresMgrCfg.url"))
        #expect(!"\(error)".contains("hunter2"))
    }
}
