import Foundation
import ManateeLocal
import Testing

extension ShardsWithDisks {
    @Suite("Three sitters started by hand", .serialized, .timeLimit(.minutes(5)))
    struct HandStartedTests {
        /// `manatee-dev configure`, then a terminal for each sitter, against a ZooKeeper that runs already.
        @Test(
            .enabled(if: originalPortsAreFree, "the original's ports (5432 and so on) must be free")
        )
        func `come up as a shard from the configuration that was written for them`() async throws {
            let home = FileManager.default.temporaryDirectory
                .appending(path: "manatee-hand-\(UUID().uuidString.prefix(8).lowercased())").path
            try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
            chmod(home, 0o755)
            let port = try FreePorts.take(1)[0]
            let store = try ZooKeeperEnsemble(
                count: 1,
                directory: home + "/store",
                clientPorts: [port],
                installation: try ZooKeeperInstallation.find()
            )
            var sitters: [ChildProcess] = []
            do {
                try await store.start()
                let servers = "127.0.0.1:\(port)"
                let configured = try await RunningShard.run(
                    "manatee-dev",
                    ["configure", "127.0.0.1", servers, "hand"],
                    in: home
                )
                #expect(configured.status == 0, "\(configured.output)")
                for peer in 1...3 {
                    var launch = ChildProcess.Launch(
                        program: RunningShard.programs + "/manatee-sitter",
                        arguments: ["-f", "devconfs/sitter\(peer)/sitter.json"],
                        logFile: home + "/sitter\(peer).log"
                    )
                    launch.directory = home
                    launch.parentDeathSignal = .terminate
                    sitters.append(try await ChildProcess.start(launch))
                }
                try await Waiting.until(
                    "a shard without issues",
                    within: .seconds(120),
                    every: .milliseconds(500)
                ) {
                    let verify = try await RunningShard.run(
                        "manatee-adm",
                        [
                            "verify", "-z", servers, "-s", "hand", "-c",
                            home + "/devconfs/sitter1/sitter.json",
                        ],
                        in: home
                    )
                    return verify.status == 0 ? .there(()) : .notYet(verify.output)
                }
                let log = try String(contentsOfFile: home + "/sitter1.log", encoding: .utf8)
                let line = try #require(log.split(separator: "\n").first)
                let entry = try #require(
                    try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                )
                for field in ["v", "level", "name", "hostname", "pid", "time", "msg"] {
                    #expect(entry[field] != nil, "bunyan wants \(field)")
                }
            } catch {
                await end(sitters, store)
                throw error
            }
            await end(sitters, store)
            try FileManager.default.removeItem(atPath: home)
        }

        static let originalPortsAreFree = [5432, 5433, 5442, 5443, 5452, 5453]
            .allSatisfy(FreePorts.isFree)

        private func end(_ sitters: [ChildProcess], _ store: ZooKeeperEnsemble) async {
            for sitter in sitters.reversed() { await sitter.stop(patience: .seconds(30)) }
            await store.stop()
        }
    }
}
