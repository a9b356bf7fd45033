import Foundation
import Logging
import ManateeLocal
import Testing
import ZooKeeperClient

@Suite("A child process", .serialized, .timeLimit(.minutes(1)))
struct ChildProcessTests {
    private func shell(_ script: String, in directory: String) -> ChildProcess.Launch {
        ChildProcess.Launch(
            program: "/bin/sh",
            arguments: ["-c", script],
            logFile: directory + "/log"
        )
    }

    private func log(in directory: String) throws -> String {
        try String(contentsOfFile: directory + "/log", encoding: .utf8)
    }

    @Test func `tells how it ended, at once and to everybody`() async throws {
        try await withTemporaryDirectory { directory in
            let failing = try await ChildProcess.start(shell("echo seen; exit 3", in: directory))
            async let other = failing.waitForExit()
            #expect(await failing.waitForExit() == .code(3))
            #expect(await other == .code(3))
            #expect(!failing.isRunning)
            #expect(try log(in: directory) == "seen\n")

            let killed = try await ChildProcess.start(shell("exec sleep 60", in: directory))
            #expect(killed.isRunning)
            killed.send(SIGKILL)
            #expect(await killed.waitForExit() == .signal(SIGKILL))
            killed.send(SIGKILL)
        }
    }

    @Test func `has a session, a directory and an environment of its own`() async throws {
        try await withTemporaryDirectory { directory in
            var launch = shell(
                "ps -o sid= -p $$ | tr -d ' '; pwd; echo $KEY; ls /proc/self/fd | wc -l",
                in: directory
            )
            launch.directory = directory
            launch.environment = ["KEY": "value", "PATH": "/usr/bin:/bin"]
            let child = try await ChildProcess.start(launch)
            #expect(await child.waitForExit() == .code(0))
            let lines = try log(in: directory).split(separator: "\n").map(String.init)
            // Standard input, output and errors, and the listing of the directory itself.
            #expect(lines == ["\(child.processID)", directory, "value", "4"])
        }
    }

    @Test func `is ended when it does not listen, and when it is frozen`() async throws {
        try await withTemporaryDirectory { directory in
            let deaf = try await ChildProcess.start(
                shell("trap '' TERM; echo ready; while :; do sleep 0.05; done", in: directory)
            )
            try await eventually("it is deaf") { try log(in: directory).contains("ready") }
            #expect(await deaf.stop(patience: .milliseconds(100)) == .signal(SIGKILL))

            let frozen = try await ChildProcess.start(shell("exec sleep 60", in: directory))
            frozen.freeze()
            #expect(await frozen.stop() == .signal(SIGTERM))
        }
    }

    @Test func `a wait that is cancelled ends, and the child goes on`() async throws {
        try await withTemporaryDirectory { directory in
            let child = try await ChildProcess.start(shell("exec sleep 60", in: directory))
            let seen = await withTaskGroup(of: ChildProcess.Exit?.self) { group in
                group.addTask { await child.waitForExit() }
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(seen == nil)
            #expect(child.isRunning)
            #expect(await child.stop() == .signal(SIGTERM))
        }
    }

    @Test func `dies with its parent, however that dies`() async throws {
        try await withTemporaryDirectory { directory in
            // A parent like this process, which starts a child through the same two programs.
            let script = """
                setpriv --pdeathsig KILL -- /bin/sh -c '[ "$PPID" = "$1" ] || exit 125; \
                shift; exec "$@"' sh $$ sleep 60 & echo $!; wait
                """
            let parent = try await ChildProcess.start(shell(script, in: directory))
            try await eventually("the grandchild is there") { try !log(in: directory).isEmpty }
            let text = try log(in: directory).trimmingCharacters(in: .whitespacesAndNewlines)
            let grandchild = try #require(Int32(text))
            try await eventually("the grandchild has become what it is to be") {
                let name = try String(contentsOfFile: "/proc/\(grandchild)/comm", encoding: .utf8)
                return name == "sleep\n"
            }
            parent.send(SIGKILL)
            _ = await parent.waitForExit()
            try await eventually("the grandchild is gone") { kill(grandchild, 0) != 0 }
        }
    }

    @Test(.enabled(if: getuid() == 0, "only root can become another user"))
    func `becomes another user with the groups of that user`() async throws {
        try await withTemporaryDirectory { directory in
            var launch = shell("id -un; id -gn", in: directory)
            launch.user = "nobody"
            let child = try await ChildProcess.start(launch)
            #expect(await child.waitForExit() == .code(0))
            #expect(try log(in: directory) == "nobody\nnogroup\n")
            launch.user = "nonesuch"
            await #expect(throws: LaunchFailure.unknownUser("nonesuch")) {
                _ = try await ChildProcess.start(launch)
            }
        }
    }

    @Test func `says why it cannot be started`() async throws {
        let missing = ChildProcess.Launch(
            program: "/nonesuch",
            arguments: [],
            logFile: "/dev/null"
        )
        let error = try #require(
            await #expect(throws: LaunchFailure.self) { _ = try await ChildProcess.start(missing) }
        )
        #expect("\(error)" == "cannot start /nonesuch: No such file or directory")
        await #expect(throws: LaunchFailure.self) {
            _ = try await ChildProcess.start(
                ChildProcess.Launch(
                    program: "/bin/true",
                    arguments: [],
                    logFile: "/nonesuch/log"
                )
            )
        }
    }
}

@Suite("Local ZooKeeper servers", .serialized, .timeLimit(.minutes(2)))
struct LocalZooKeeperTests {
    @Test func `say why they do not serve`() async throws {
        try await withTemporaryDirectory { directory in
            let port = try FreePorts.take(1)[0]
            var settings = ZooKeeperServer.Settings(directory: directory, clientPort: port)
            settings.properties["tickTime"] = "nonsense"
            let broken = try ZooKeeperServer(settings, installation: .find())
            let error = try #require(
                await #expect(throws: ZooKeeperServerFailure.self) { try await broken.start() }
            )
            #expect("\(error)".contains("nonsense"), "the end of its log")
            settings.properties = [:]
            let server = try ZooKeeperServer(settings, installation: .find())
            try await server.start()
            let second = try ZooKeeperServer(settings, installation: .find())
            await #expect(throws: ZooKeeperServerFailure.portInUse(port)) {
                try await second.start()
            }
            await server.stop()
            #expect(await server.processID == nil)
        }
    }

    @Test func `keep their state from one start to the next`() async throws {
        try await withTemporaryDirectory { directory in
            let port = try FreePorts.take(1)[0]
            var zxids: [String] = []
            for _ in 0..<2 {
                let ensemble = try ZooKeeperEnsemble(
                    count: 1,
                    directory: directory,
                    clientPorts: [port],
                    installation: .find()
                )
                try await ensemble.start()
                let configuration = try ZooKeeperConfiguration(ensemble.connectionString)
                try await ZooKeeperClient.withClient(configuration, logger: .quiet) { client in
                    if zxids.isEmpty {
                        try await client.create("/kept", data: [7])
                    }
                    #expect(try await client.get("/kept").data == [7])
                }
                zxids.append(try #require(await ensemble.leader()?.report()).zxid)
                await ensemble.stop()
            }
            #expect(zxids[0] != zxids[1])
        }
    }

    @Test func `name the package that is missing`() {
        #expect {
            _ = try ZooKeeperInstallation.find(in: "/nonesuch")
        } throws: { error in
            "\(error)".contains("apt-get install default-jre-headless")
        }
    }
}
