import Foundation
import ManateeSimulation
import Testing

@Suite("A history that once broke a rule")
struct RegressionTests {
    static let scripts: [URL] = {
        let folder = Bundle.module.resourceURL?.appendingPathComponent("Regressions")
        // Without the folder the list is empty, and the test below says so.
        let found = folder.flatMap {
            try? FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)
        }
        return (found ?? []).filter { $0.lastPathComponent != "README.txt" }
            .sorted { $0.path < $1.path }
    }()

    @Test func `is kept`() {
        #expect(!RegressionTests.scripts.isEmpty)
    }

    @Test(arguments: scripts) func `breaks none any more`(script: URL) throws {
        let plan = try Plan(script: String(contentsOf: script, encoding: .utf8))
        #expect(Outcome(of: plan).violation == nil)
    }

    @Test func `is refused if its script cannot be read`() {
        #expect(throws: ScriptError.withoutSeed) { try Plan(script: "# nothing\n") }
        #expect(throws: ScriptError.unreadable("12s kill")) {
            try Plan(script: "seed 1\n12s kill\n")
        }
    }
}
