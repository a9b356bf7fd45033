import Foundation
import Testing

/// The exit statuses are those of `docs/operating/exit-codes.md`.
@Suite("The sitter's program", .timeLimit(.minutes(2)))
struct SitterProgramTests {
    @Test func `ends with 2 on a command line that it does not understand`() async throws {
        for arguments in [[], ["--frobnicate"], ["-f"]] {
            let outcome = try await SitterRun(arguments).outcome()
            #expect(outcome.status == 2)
            #expect(outcome.error.contains("Usage") || outcome.error.contains("USAGE"))
            #expect(outcome.output.isEmpty)
        }
    }

    @Test func `explains itself and its statuses`() async throws {
        let outcome = try await SitterRun(["--help"]).outcome()
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("  78  the configuration, or the host it is for"))
    }

    @Test func `ends with 78 without its configuration`() async throws {
        let home = try SitterHome()
        let outcome = try await home.run()
        #expect(outcome.status == 78)
        #expect(outcome.error.contains("\(home.path("sitter.yaml")): found no such file"))
    }

    @Test func `ends with 78 and all that is wrong with its configuration`() async throws {
        let home = try SitterHome()
        try home.configure("  dataDir: /x\noneNodeWriteMode: maybe\nrejion: auto")
        let outcome = try await home.run()
        #expect(outcome.status == 78)
        let file = home.path("sitter.yaml")
        #expect(outcome.error.contains("\(file):13: postgres.dataDir: found an unknown key"))
        #expect(outcome.error.contains("write postgres.dataDirectory if that was meant"))
        #expect(outcome.error.contains("\(file):14: oneNodeWriteMode: found `maybe`"))
        #expect(outcome.error.contains("\(file):15: rejion: found an unknown key"))
    }

    @Test func `ends with 78 on secrets that are missing or open, and makes them`() async throws {
        let home = try SitterHome()
        try home.configure()
        var outcome = try await home.run("--check")
        #expect(outcome.status == 78)
        #expect(outcome.error.contains("--create-secrets"))
        try await home.makeSecrets()
        let attributes = try FileManager.default.attributesOfItem(
            atPath: home.path("manatee.secrets")
        )
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let secrets = try String(contentsOfFile: home.path("manatee.secrets"), encoding: .utf8)
        outcome = try await home.run("--create-secrets")
        #expect(outcome.status == 1)
        #expect(
            try String(contentsOfFile: home.path("manatee.secrets"), encoding: .utf8) == secrets
        )
        try home.write(secrets, to: "manatee.secrets", mode: 0o644)
        outcome = try await home.run()
        #expect(outcome.status == 78)
        #expect(outcome.error.contains("open to others (mode 0644)"))
        #expect(outcome.error.contains("chmod 600 \(home.path("manatee.secrets"))"))
    }

    @Test func `ends with 75 on a port that somebody else has`() async throws {
        let home = try SitterHome()
        let listener = try Listener()
        try home.configure()
        try await home.makeSecrets()
        let text = try String(contentsOfFile: home.path("sitter.yaml"), encoding: .utf8)
        for (port, key) in [
            (home.statusPort, "statusServer.port"), (home.postgresPort, "peer.postgresPort"),
        ] {
            try home.write(
                text.replacing("ort: \(port)", with: "ort: \(listener.port)"),
                to: "sitter.yaml"
            )
            let outcome = try await home.run()
            #expect(outcome.status == 75)
            #expect(outcome.error.contains("\(key): found port \(listener.port) of 127.0.0.1"))
            #expect(outcome.error.contains("ss -ltnp 'sport = :\(listener.port)'"))
        }
    }

    @Test func `ends with 3 from a check that finds no store`() async throws {
        let home = try SitterHome()
        try home.configure()
        try await home.makeSecrets()
        let outcome = try await home.run("--check")
        #expect(outcome.status == 3)
        #expect(outcome.error.contains("does not answer (Connection refused)"))
        #expect(outcome.error.contains("start the servers, or correct zookeeper.servers"))
    }

    @Test func `ends with 4 on a memory that is not its own`() async throws {
        let home = try SitterHome()
        try home.configure()
        try await home.makeSecrets()
        try home.write("{\"this\": \"is something else\"}", to: "manatee-peer.json")
        let outcome = try await home.run()
        #expect(outcome.status == 4)
        let last = try #require(try SitterRun.parse(outcome.output).last)
        #expect(last["level"] as? Int == 60)
        #expect(last["exit.status"] as? Int == 4)
        #expect((last["reason"] as? String)?.contains("manatee-peer.json") == true)
        #expect(outcome.error.contains("manatee-peer.json"))
    }

    @Test func `waits for a store that is away, says so in bunyan's lines, and ends on SIGTERM`()
        async throws
    {
        let home = try SitterHome()
        try home.configure()
        try await home.makeSecrets()
        let run = try SitterRun(["-f", home.path("sitter.yaml")])
        let lines = try run.lines(until: "the store cannot be reached")
        for line in lines {
            #expect(line["v"] as? Int == 0)
            #expect(line["name"] as? String == "manatee-sitter")
            #expect(line["hostname"] is String)
            #expect(line["pid"] as? Int == Int(run.process.processIdentifier))
            #expect((line["time"] as? String)?.hasSuffix("Z") == true)
            #expect(line["msg"] is String)
        }
        let seen = try #require(lines.last?["store.seen"] as? [Any])
        #expect("\(seen)".contains("does not answer (Connection refused)"))
        #expect(try await status(home, "/ping") == 503)
        #expect(try await status(home, "/state") == 200)

        let clock = ContinuousClock()
        let told = clock.now
        run.process.terminate()
        let outcome = try await run.outcome()
        #expect(outcome.status == 0)
        #expect(clock.now - told < .seconds(10))
        #expect(outcome.output.contains("\"msg\":\"sitter ended in order\""))
    }

    private func status(_ home: SitterHome, _ path: String) async throws -> Int {
        let curl = Process()
        let pipe = Pipe()
        curl.executableURL = URL(filePath: "/bin/bash")
        curl.arguments = [
            "-c",
            """
            exec 3<>/dev/tcp/127.0.0.1/\(home.statusPort) && \
            printf 'GET \(path) HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' >&3 && \
            head -n 1 <&3
            """,
        ]
        curl.standardOutput = pipe
        try curl.run()
        let answer = String(
            decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(),
            as: UTF8.self
        )
        curl.waitUntilExit()
        return Int(answer.split(separator: " ").dropFirst().first ?? "") ?? 0
    }

    @Test func `prints what is in effect`() async throws {
        let home = try SitterHome()
        try home.configure()
        let outcome = try await home.run("--print-effective")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("  sessionTimeout: 10s\n"))
        #expect(outcome.output.contains("memoryFile: \"\(home.path("manatee-peer.json"))\"\n"))
    }
}
