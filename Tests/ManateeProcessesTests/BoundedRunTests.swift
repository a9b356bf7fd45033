import ManateeProcesses
import Testing

@Suite("A run within bounds", .timeLimit(.minutes(1)))
struct BoundedRunTests {
    private func run(_ script: String, limit: Duration = .seconds(30)) -> BoundedRun {
        BoundedRun(["/bin/sh", "-c", script], limit: limit, outputLimit: 1000)
    }

    @Test func `keeps both outputs, together or apart`() throws {
        var run = run("echo one; echo two >&2; exit 3")
        let together = try run.run()
        #expect(together.exit == .status(3))
        #expect((together.output, together.errors) == ("one\ntwo\n", ""))
        run.errorsAreApart = true
        let apart = try run.run()
        #expect((apart.output, apart.errors) == ("one\n", "two\n"))
    }

    @Test func `gives the program its input, its environment and the root directory`() throws {
        var run = run("cat; echo \"$NAME\"; pwd")
        run.input = "a line\n"
        run.environment = ["NAME=value"]
        #expect(try run.run().output == "a line\nvalue\n/\n")
    }

    @Test func `tells a signal from a status`() throws {
        let ending = try run("kill -TERM $$").run()
        #expect(ending.exit == .signal(15))
        #expect(ending.exit.shellStatus == 143)
    }

    @Test func `kills what lasts too long`() throws {
        let ending = try run("echo begun; sleep 600", limit: .milliseconds(300)).run()
        #expect(ending.excess == .time)
        #expect(ending.exit == .signal(9))
        #expect(ending.output == "begun\n")
    }

    @Test func `kills what nobody waits for`() throws {
        #expect(try run("sleep 600").run(isCancelled: { true }).excess == .cancelled)
    }

    @Test(arguments: ["yes", "head -c 1001 /dev/zero"])
    func `does not let much output pass, whether or not the program has ended`(
        script: String
    ) throws {
        let ending = try run(script).run()
        #expect(ending.excess == .output)
        #expect(ending.output.utf8.count == 1000)
    }

    @Test func `says what cannot be started`() {
        let missing = BoundedRun(["/nowhere/program"], limit: .seconds(1), outputLimit: 1)
        let failure = #expect(throws: ProcessFailure.self) { try missing.run() }
        #expect(failure?.number == 2)
        #expect("\(failure!)" == "cannot start /nowhere/program: No such file or directory")
    }
}
