import Foundation
import Glibc
import Subprocess
import SystemPackage

/// The file system of a local shard, in a sparse file of its directory.
///
/// It needs root, and a mount namespace of its own: `unshare --mount`. There the one socket by which
/// zfs-fuse is found is its own, and whatever is mounted goes with the last process.
actor DevFileSystem {
    private static let patience = Duration.seconds(20)

    private let storage: DevStorage
    private let directory: DevDirectory
    private let gigabytes: Int
    private var daemon: ChildProcess?
    private var isMounted = false

    /// The file system for `storage` in a shard's directory; nothing is made yet.
    ///
    /// `gigabytes` is how large the sparse file pretends to be, when it is new.
    init(_ storage: DevStorage, in directory: DevDirectory, gigabytes: Int) {
        self.storage = storage
        self.gigabytes = gigabytes
        self.directory = directory
    }

    /// Makes and mounts it, or takes up what an earlier run left.
    ///
    /// - Throws: `DevFileSystemFailure`.
    func setUp() async throws {
        guard storage != .directory else { return }
        let missing = storage.programs.paths.filter { access($0, X_OK) != 0 }
        guard missing.isEmpty, geteuid() == 0 else {
            throw DevFileSystemFailure.unable(
                geteuid() == 0
                    ? "no \(missing.joined(separator: ", no ")): install \(storage.programs.package) "
                        + "(`scripts/setup storage`)"
                    : "only root can make and mount file systems"
            )
        }
        let files = FileManager.default
        try files.createDirectory(
            atPath: directory.diskDirectory,
            withIntermediateDirectories: true
        )
        let image = directory.diskImage
        let isNew = !files.fileExists(atPath: image)
        if isNew { try await run("/usr/bin/truncate", "--size=\(gigabytes)G", image) }
        switch storage {
        case .directory: break
        case .zfs:
            try await startDaemon()
            if isNew {
                // Without a cache file nobody imports the pool by himself.
                try await run(
                    DevStorage.zpool,
                    "create",
                    "-o",
                    "cachefile=none",
                    "-m",
                    "none",
                    directory.pool,
                    image
                )
            } else {
                try await run(
                    DevStorage.zpool,
                    "import",
                    "-f",
                    "-o",
                    "cachefile=none",
                    "-d",
                    directory.path,
                    directory.pool
                )
            }
        case .btrfs:
            if isNew { try await run(DevStorage.makeBtrfs, "--quiet", image) }
            try await run("/usr/bin/mount", "-o", "loop", image, directory.diskDirectory)
        }
        isMounted = true
    }

    /// Unmounts it, and ends what was started for it; its data stays in the file.
    ///
    /// - Throws: if something is still mounted: then nothing may be removed.
    func tearDown() async throws {
        switch storage {
        case .directory: return
        case .zfs:
            if isMounted {
                try await insist {
                    try await self.run(DevStorage.zpool, "export", self.directory.pool)
                }
            }
            await daemon?.stop(patience: .seconds(10))
            daemon = nil
        case .btrfs:
            if isMounted {
                try await insist {
                    try await self.run("/usr/bin/umount", self.directory.diskDirectory)
                }
            }
        }
        isMounted = false
        let table = try KernelFile.text("/proc/self/mounts")
        guard !table.contains(directory.diskDirectory) else {
            throw DevFileSystemFailure.unable("\(directory.diskDirectory) is still mounted")
        }
    }

    /// Starts zfs-fuse where the kernel has no ZFS.
    private func startDaemon() async throws {
        if try await answers() { return }
        guard access(DevStorage.zfsFuse, X_OK) == 0 else {
            throw DevFileSystemFailure.unable("the kernel has no ZFS, and there is no zfs-fuse")
        }
        let launch = ChildProcess.Launch(
            program: DevStorage.zfsFuse,
            arguments: ["--no-daemon"],
            logFile: directory.path + "/zfs-fuse.log"
        )
        let started = try await ChildProcess.start(launch)
        daemon = started
        try await Waiting.until("zfs-fuse to answer", within: Self.patience) {
            if let exit = started.exit {
                throw DevFileSystemFailure.unable("zfs-fuse ended with \(exit)")
            }
            return try await self.answers() ? .there(()) : .notYet("zpool gets no answer")
        }
    }

    private func answers() async throws -> Bool {
        try await Subprocess.run(
            .path(FilePath(DevStorage.zpool)),
            arguments: ["list"],
            output: .discarded,
            error: .discarded
        ).terminationStatus.isSuccess
    }

    /// A moment after the last process ended, a file system can still be busy.
    private func insist(_ body: () async throws -> Void) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do {
                try await body()
                return
            } catch  where ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func run(_ words: String...) async throws {
        let result = try await Subprocess.run(
            .path(FilePath(words[0])),
            arguments: Arguments(Array(words.dropFirst())),
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        guard result.terminationStatus.isSuccess else {
            throw DevFileSystemFailure.refused(
                command: words.joined(separator: " "),
                reason: result.standardError
            )
        }
    }
}

/// Why a local shard has no file system.
package enum DevFileSystemFailure: Error, Equatable, CustomStringConvertible {
    /// The machine or the user cannot; why.
    case unable(String)
    /// A command failed.
    case refused(command: String, reason: String)

    /// What was attempted and what was seen.
    package var description: String {
        switch self {
        case .unable(let reason): "cannot make a file system for the shard: \(reason)"
        case .refused(let command, let reason): "`\(command)` failed: \(reason)"
        }
    }
}
