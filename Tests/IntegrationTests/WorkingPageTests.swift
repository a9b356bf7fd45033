import Foundation
import ManateeLocal
import Testing

/// `docs/working-on-manatee.md`, followed to the letter.
extension ShardsWithDisks.HandStartedTests {
    @Test(
        .enabled(if: originalPortsAreFree, "the original's ports (5432 and so on) must be free"),
        .enabled(if: canRunZFS, "root, zfs-fuse and /dev/fuse are needed")
    )
    func `come up with backup servers and snapshotters as the page for developers says`()
        async throws
    {
        // Sockets have short paths.
        let home = FileManager.default.temporaryDirectory
            .appending(path: "page-\(UUID().uuidString.prefix(4).lowercased())").path
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        chmod(home, 0o755)
        try FileManager.default.createSymbolicLink(
            atPath: home + "/.build",
            withDestinationPath: (RunningShard.programs as NSString).deletingLastPathComponent
        )
        let port = try FreePorts.take(1)[0]
        let store = try ZooKeeperEnsemble(
            count: 1,
            directory: home + "/store",
            clientPorts: [port],
            installation: try ZooKeeperInstallation.find()
        )
        do {
            try await store.start()
            let ending = try await follow(DeveloperPage(), in: home, store: "127.0.0.1:\(port)")
            let output = try String(contentsOfFile: home + "/page.log", encoding: .utf8)
            // The directory stays for whoever looks into the failure.
            try #require(ending == .code(0), "\(home)/page.log: \(output.suffix(4000))")
        } catch {
            await store.stop()
            throw error
        }
        await store.stop()
        try FileManager.default.removeItem(atPath: home)
    }

    private static let canRunZFS =
        geteuid() == 0 && access("/usr/sbin/zfs-fuse", X_OK) == 0 && access("/dev/fuse", F_OK) == 0

    /// Runs the page's commands in namespaces of their own: with the script all that it started ends.
    private func follow(
        _ page: DeveloperPage,
        in home: String,
        store: String
    ) async throws -> ChildProcess.Exit? {
        var launch = ChildProcess.Launch(
            program: "/usr/bin/unshare",
            arguments: [
                "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
                "--mount-proc", "--", "/bin/bash", "-c", try page.script,
            ],
            logFile: home + "/page.log"
        )
        launch.directory = home
        launch.environment = ProcessInfo.processInfo.environment.merging(
            ["SELF_IP": "127.0.0.1", "ZK_CONN_STR": store]
        ) { $1 }
        return await (try await ChildProcess.start(launch)).waitForExit()
    }
}

/// The commands of the page, by what they are for.
private struct DeveloperPage {
    private let lines: [Substring]

    init() throws {
        let path = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/working-on-manatee.md")
        lines = try String(contentsOf: path, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The blocks that begin with three backticks and these words.
    private func blocks(_ words: String) throws -> [String] {
        var found: [String] = []
        var isInside = false
        for line in lines {
            let text = line.drop { $0 == " " }
            if text.hasPrefix("```") {
                isInside = !isInside && text == "```" + words
                if isInside { found.append("") }
            } else if isInside {
                found[found.count - 1] += text + "\n"
            }
        }
        return try #require(found.isEmpty ? nil : found, "no block `\(words)`")
    }

    /// All of it in order; what the page leaves to the reader is written out here.
    var script: String {
        get throws {
            let terminals = try blocks("sh terminal").flatMap { command in
                (1...3).map { peer in
                    let line = command.dropLast().replacing("sitter1", with: "sitter\(peer)")
                    return "\(line) &\nterminals+=\" $!\"\n"
                }
            }
            let look = try blocks("sh look").joined()
            return """
                set -eu
                for place in /run/zfs /run/lock/zfs /var/lib/zfs; do
                    mkdir -p "$place"
                    mount -t tmpfs manatee-test "$place"
                done
                /usr/sbin/zfs-fuse --no-daemon &
                daemon=$!
                until zpool list; do kill -0 $daemon; sleep 0.1; done
                \(try blocks("sh").joined())
                terminals=
                \(terminals.joined())
                \(look.split(separator: "\n").dropLast().joined(separator: "\n"))
                attempts=0
                until \(try #require(look.split(separator: "\n").last)); do
                    attempts=$((attempts + 1))
                    [ $attempts -lt 400 ]
                    kill -0 $terminals
                    sleep 0.5
                done
                kill $terminals
                wait $terminals
                attempts=0
                until bash -ec '\(try blocks("sh clean").joined())'; do
                    attempts=$((attempts + 1))
                    [ $attempts -lt 50 ]
                    sleep 0.2
                done
                [ ! -e devconfs ]
                """
        }
    }
}
