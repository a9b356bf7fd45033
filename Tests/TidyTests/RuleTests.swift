import Testing

/// Each rule on samples that break it and samples that do not: a check that cannot fail says nothing.
@Suite("The rules")
struct RuleTests {
    private func file(_ path: String, _ text: String) -> SourceFile {
        SourceFile(path: path, text: text)
    }

    private func bans(_ path: String, _ text: String) throws -> [Finding] {
        try Ban.all.flatMap { try $0.findings(in: file(path, text)) }
    }

    // MARK: Reading

    @Test func `tell code, comment and string apart`() {
        let lines = file("Sources/A/a.swift", "let a = \"// no \\\" Task {\" // yes").lines
        #expect(lines == [.init(code: "let a = \"\" ", comment: "// yes")])
    }

    @Test func `follow strings and comments over many lines`() {
        let text =
            "let a = \"\"\"\n  Task {\n  \"\"\"\n/* one /* two */\n Task { */ let b = #\"a\"b\"#"
        let code = file("Sources/A/a.swift", text).lines.map(\.code)
        #expect(code == ["let a = \"", "", "\"", "", " let b = \"\""])
    }

    // MARK: Imports

    @Test(arguments: [
        ("Sources/ManateeCore/A.swift", "import Foundation"),
        ("Sources/ManateePorts/A.swift", "package import Logging"),
        ("Sources/ManateeSitter/A.swift", "import ManateePostgres"),
        ("Sources/ManateeStore/A.swift", "@preconcurrency import CLibPQ"),
        ("Sources/ManateeWire/A.swift", "import struct NIOCore.ByteBuffer"),
        ("Sources/ZooKeeperClient/A.swift", "public import ManateeCore"),
        ("Sources/ManateeMystery/A.swift", "let a = 1"),
        ("Tests/TidyTests/A.swift", "import ManateeCore"),
    ])
    func `catch an import that a target may not have`(path: String, text: String) {
        #expect(ImportRules.findings(in: file(path, text)).count == 1)
    }

    @Test(arguments: [
        ("Sources/ManateePorts/A.swift", "package import ManateeCore"),
        ("Sources/ManateeCore/A.swift", "// import Foundation"),
        ("Sources/manatee-sitter/A.swift", "import ManateePostgres"),
        ("Tests/ManateeCoreTests/A.swift", "import Foundation"),
    ])
    func `allow an import in its place`(path: String, text: String) {
        #expect(ImportRules.findings(in: file(path, text)).isEmpty)
    }

    // MARK: Words

    @Test(arguments: [
        ("Sources/ManateeCore/A.swift", "let now = ContinuousClock.now"),
        ("Sources/ManateeCore/A.swift", "let now: Instant = .now"),
        ("Sources/ManateeSimulation/A.swift", "let n = Int.random(in: 0..<3)"),
        ("Sources/ManateeCore/A.swift", "peers.shuffled()"),
        ("Sources/ManateeCore/A.swift", "func handle() async {}"),
        ("Sources/ManateeSitter/A.swift", "Task { await run() }"),
        ("Sources/ManateeSitter/A.swift", "Task.detached { }"),
        ("Sources/ManateeSitter/A.swift", "Task(priority: .high) { }"),
        ("Sources/ManateeSitter/A.swift", "Task<Void, Never> { }"),
        ("Sources/ManateeSitter/A.swift", "print(\"hello\")"),
        ("Sources/ManateeStore/A.swift", "let a = try? read()"),
        ("Sources/ManateeStore/A.swift", "let b = 1 // why\n\nlet a = try? read()"),
        ("Sources/ManateeSitter/A.swift", "// safe\nfinal class A: @unchecked Sendable {}"),
        ("Sources/ManateePostgres/A.swift", "final class A: @unchecked Sendable {}"),
        ("Sources/ManateePostgres/A.swift", "nonisolated(unsafe) var a = 1"),
        ("Tests/ContractTests/A.swift", "usleep(100)  // why"),
        ("Sources/ManateePostgres/A.swift", "usleep(100)"),
        ("Tests/ContractTests/A.swift", "Thread.sleep(forTimeInterval: 1)"),
    ])
    func `catch a banned word`(path: String, text: String) throws {
        #expect(try bans(path, text).count == 1)
    }

    @Test(arguments: [
        ("Sources/ManateeSitter/A.swift", "let now = ContinuousClock.now"),
        ("Sources/ManateeCore/A.swift", "/// Says what is known now, and awaits nothing."),
        ("Sources/ManateeSitter/A.swift", "try await Task.sleep(for: .seconds(1))"),
        ("Sources/ManateeSitter/A.swift", "group.addTask { await run() }"),
        ("Sources/manatee-adm/A.swift", "print(\"hello\")"),
        ("Sources/ManateePostgres/A.swift", "usleep(100)  // on a thread of its own"),
        ("Sources/ManateeSitter/A.swift", "DurationText.print(limit)"),
        ("Sources/ManateeSitter/A.swift", "static func print(_ duration: Duration) -> String {"),
        ("Sources/ManateeSitter/A.swift", "let fingerprint = fingerprint(of: key)"),
        ("Sources/ManateeStore/A.swift", "// It may be gone already.\nlet a = try? read()"),
        ("Sources/ManateeStore/A.swift", "let a = try? read() // it may be gone already"),
        (
            "Sources/ManateePostgres/A.swift",
            "// Owned by one thread.\nclass A: @unchecked Sendable {}"
        ),
        ("Tests/ContractTests/A.swift", "Task { await run() }"),
    ])
    func `allow a word in its place`(path: String, text: String) throws {
        #expect(try bans(path, text) == [])
    }

    @Test func `name what to write instead`() throws {
        #expect(
            try bans("Sources/A/A.swift", "Task { }").first?.instead.contains("task group") == true
        )
        #expect(Ban.all.allSatisfy { !$0.instead.isEmpty })
    }

    // MARK: Files

    @Test func `catch a file that is too long`() {
        let longest = String(repeating: "a\n", count: FileRules.longestFile)
        #expect(FileRules.length(of: file("Sources/A/A.swift", longest)).isEmpty)
        #expect(FileRules.length(of: file("Sources/A/A.swift", longest + "a\n")).count == 1)
    }

    @Test(arguments: [
        "package struct A {}",
        "// Not for readers of the interface.\npackage func a() {}",
        "    @discardableResult\n    package func a() {}",
        "public let a = 1",
    ])
    func `catch a declaration without words`(text: String) throws {
        #expect(try FileRules.undocumented(in: file("Sources/A/A.swift", text)).count == 1)
    }

    @Test(arguments: [
        "/// An a.\npackage struct A {}",
        "/// Does a.\n@discardableResult\npackage func a() {}",
        "package import Logging",
        "package var description: String { \"a\" }",
        "package static func < (left: A, right: A) -> Bool { true }",
    ])
    func `allow a declaration with words, or a well-known one`(text: String) throws {
        #expect(try FileRules.undocumented(in: file("Sources/A/A.swift", text)) == [])
    }

    @Test func `catch marks of unfinished work`() {
        let mark = "TO" + "DO"
        #expect(FileRules.leftovers(in: file("Tests/A/A.swift", "// \(mark): later")).count == 1)
        #expect(FileRules.leftovers(in: file("Tests/A/A.swift", "// to do it later")).isEmpty)
    }

    @Test func `catch places of one machine`() {
        let place = "/wo" + "rk/main"
        #expect(
            FileRules.workplaceWords(path: "README.md", text: "\ncd \(place)").map(\.line) == [2]
        )
        #expect(FileRules.workplaceWords(path: "README.md", text: "see /etc/manatee").isEmpty)
    }
}
