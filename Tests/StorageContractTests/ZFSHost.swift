import Foundation
import Testing

/// ZFS on this machine: the kernel's, or a zfs-fuse daemon that is started for the tests.
///
/// There can be one daemon on a machine: one that runs already is shared and left alone, and one that
/// was started goes with the last suite that uses it.
actor ZFSHost {
    /// The only one.
    static let shared = ZFSHost()

    private var daemon: Process?
    private var users = 0
    private var isEnding = false

    /// What is lacking for ZFS; nil if nothing is.
    static var missing: String? {
        for program in ["/usr/sbin/zfs", "/usr/sbin/zpool"]
        where !FileManager.default.isExecutableFile(atPath: program) {
            return "no \(program)"
        }
        if answers {
            return sharesMounts ? nil : "zfs-fuse runs in another mount namespace"
        }
        guard FileManager.default.isExecutableFile(atPath: "/usr/sbin/zfs-fuse") else {
            return "the kernel has no ZFS, and there is no /usr/sbin/zfs-fuse"
        }
        return FileManager.default.fileExists(atPath: "/dev/fuse") ? nil : "no /dev/fuse"
    }

    /// Finds ZFS running, or starts it; to be followed by ``leave()`` if it succeeds.
    func enter() async throws {
        users += 1
        do {
            while isEnding { try await Task.sleep(for: .milliseconds(50)) }
            if daemon == nil, !Self.answers { try start() }
            let deadline = ContinuousClock.now.advanced(by: .seconds(20))
            while !Self.answers {
                try #require(ContinuousClock.now < deadline, "zfs-fuse does not answer")
                try await Task.sleep(for: .milliseconds(50))
            }
        } catch {
            await leave()
            throw error
        }
    }

    private func start() throws {
        try FileManager.default.createDirectory(
            atPath: "/run/zfs",
            withIntermediateDirectories: true
        )
        let process = Process()
        process.executableURL = URL(filePath: "/usr/sbin/zfs-fuse")
        process.arguments = ["--no-daemon"]
        process.currentDirectoryURL = URL(filePath: "/")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        daemon = process
    }

    /// Ends the daemon if it is ours and nobody needs it any more.
    func leave() async {
        users -= 1
        guard users == 0, let daemon else { return }
        self.daemon = nil
        isEnding = true
        defer { isEnding = false }
        daemon.terminate()
        let deadline = ContinuousClock.now.advanced(by: .seconds(10))
        while daemon.isRunning, ContinuousClock.now < deadline {
            // Cancelled or not, the daemon has to go.
            try? await Task.sleep(for: .milliseconds(50))
        }
        if daemon.isRunning { kill(daemon.processIdentifier, SIGKILL) }
        daemon.waitUntilExit()
    }

    private static var answers: Bool {
        // That it fails is the answer.
        (try? HostTool.run("/usr/sbin/zpool", "list", "-H", "-o", "name")) != nil
    }

    /// Whether what a running daemon mounts is visible here.
    private static var sharesMounts: Bool {
        let manager = FileManager.default
        // Processes come and go while they are looked at.
        let names = (try? manager.contentsOfDirectory(atPath: "/proc")) ?? []
        let own = try? manager.destinationOfSymbolicLink(atPath: "/proc/self/ns/mnt")
        for name in names where Int32(name) != nil {
            let program = try? String(contentsOfFile: "/proc/\(name)/comm", encoding: .utf8)
            guard program == "zfs-fuse\n" else { continue }
            return own == (try? manager.destinationOfSymbolicLink(atPath: "/proc/\(name)/ns/mnt"))
        }
        return true
    }
}

/// Keeps ZFS running around a suite, where this machine has it.
struct ZFSHostTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard geteuid() == 0, ZFSHost.missing == nil else {
            try await function()
            return
        }
        try await ZFSHost.shared.enter()
        do {
            try await function()
        } catch {
            await ZFSHost.shared.leave()
            throw error
        }
        await ZFSHost.shared.leave()
    }
}

extension Trait where Self == ZFSHostTrait {
    /// ZFS, if it can be had.
    static var zfsHost: Self { Self() }
}
