import Foundation
import FoundationNetworking
import ManateeCore
import ManateeLocal
import ManateePostgres
import Testing
import ZooKeeperClient

@Suite("The configuration of a real shard", .serialized, .timeLimit(.minutes(5)))
struct ConfigurationTests {
    @Test func `reaches every peer, and changes no role`() async throws {
        try await RunningShard.with { running in
            let before = try #require(try await running.shard.status().state)

            let edit = try await running.run(
                "manatee-adm",
                [
                    "config", "edit", "--yes", "--set", "work_mem=7MB", "--set",
                    "max_connections=150",
                ]
            )
            #expect(edit.status == 0, "\(edit.output)")
            #expect(edit.output.contains("next restart of postgres: max_connections"))
            #expect(edit.output.contains("Stored version 1."))
            try await waitUntil("every peer works with it", in: running) { number in
                let session = try await running.shard.observer.superuser(of: number)
                let rows = try await session.query("show work_mem")
                await session.close()
                return rows.first?.first == "7MB"
            }
            try await waitForStatus(of: running) { status in
                status["version"] as? Int == 1
                    && status["pendingRestart"] as? [String] == ["max_connections"]
            }
            let diff = try await running.run("manatee-adm", "config", "diff")
            #expect(diff.status == 1)
            let lines = diff.output.split(separator: "\n")
            #expect(lines.count == 3, "\(diff.output)")
            for line in lines {
                #expect(
                    line.hasSuffix(
                        "max_connections is 100, stored is 150; awaits a restart of postgres"
                    )
                )
            }

            try await editOnTerminal(running)

            let forbidden = try await running.run(
                "manatee-adm",
                ["config", "edit", "--yes", "--set", "synchronous_standby_names=*"]
            )
            #expect(forbidden.status == 1)
            #expect(forbidden.output.contains("which follows from the cluster state alone"))
            let unknown = try await running.run(
                "manatee-adm",
                ["config", "edit", "--yes", "--set", "wrok_mem=7MB"]
            )
            #expect(unknown.status == 1)
            #expect(unknown.output.contains("not known to the shard's postgres"))

            try await spoil(running)
            try await waitForStatus(of: running) { status in
                status["version"] as? Int == 2 && (status["problem"] as? String)?.isEmpty == false
            }
            let show = try await running.run("manatee-adm", "config", "show")
            #expect(show.status == 1)
            #expect(show.output.contains("is not JSON"), "\(show.output)")
            let verify = try await running.run("manatee-adm", "verify", "-v")
            #expect(verify.output == "all checks passed\n")

            let after = try #require(try await running.shard.status().state)
            #expect(after.generation == before.generation)
            #expect(after.primary == before.primary)
        }
    }

    /// Changes a value with an editor, on a terminal of the tool's own.
    private func editOnTerminal(_ running: RunningShard) async throws {
        let tool = RunningShard.programs + "/manatee-adm"
        func edit(with editor: String) async throws -> (status: Int, output: String) {
            try await running.run(
                "/usr/bin/script",
                ["--quiet", "--return", "--command", "\(tool) config edit --yes", "/dev/null"],
                environment: ["VISUAL": "", "EDITOR": editor]
            )
        }
        let failed = try await edit(with: "false")
        #expect(failed.status == 1)
        #expect(failed.output.contains("the editor `false` ended with status 1"))
        let edited = try await edit(with: "sed -i s/7MB/6MB/")
        #expect(edited.status == 0, "\(edited.output)")
        #expect(edited.output.contains("Stored version 2."))
        try await waitForStatus(of: running) { $0["version"] as? Int == 2 }
    }

    /// Puts what is no configuration in its place.
    private func spoil(_ running: RunningShard) async throws {
        let path = "/manatee/\(running.shard.settings.shard)/config"
        let configuration = try ZooKeeperConfiguration(running.shard.settings.storeServers)
        try await ZooKeeperClient.withClient(configuration) { client in
            _ = try await client.set(path, data: Array("garbage".utf8), version: nil)
        }
    }

    private func waitUntil(
        _ what: String,
        in running: RunningShard,
        _ holds: (Int) async throws -> Bool
    ) async throws {
        for number in 1...3 {
            try await Waiting.until("\(what): peer \(number)", within: .seconds(30)) {
                try await holds(number) ? .there(()) : .notYet("not yet")
            }
        }
    }

    /// Waits until every sitter says so of the configuration.
    private func waitForStatus(
        of running: RunningShard,
        _ holds: ([String: Any]) -> Bool
    ) async throws {
        try await waitUntil("what the sitter says of the configuration", in: running) { number in
            let port = running.shard.settings.ports.peers[number - 1].status
            let url = try #require(URL(string: "http://127.0.0.1:\(port)/state"))
            let (data, _) = try await URLSession.shared.data(from: url)
            let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            return holds(object?["config"] as? [String: Any] ?? [:])
        }
    }
}
