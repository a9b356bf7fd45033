import Foundation
import Glibc
import Subprocess
import SystemPackage

/// The file systems of a local shard, in sparse files of its directory.
///
/// It needs root, and a mount namespace of its own: `unshare --mount`. There the one socket by which
/// zfs-fuse is found is its own, and whatever is mounted goes with the last process.
actor DevFileSystem {
    private static let patience = Duration.seconds(20)
    /// A btrfs file system below this size keeps data and metadata together.
    private static let smallMegabytes = 4096

    private let storage: DevStorage
    private let directory: DevDirectory
    private let volumes: [DevVolume]
    private var daemon: ChildProcess?
    private var mounted: [DevVolume] = []

    /// The file systems for `storage` in a shard's directory; nothing is made yet.
    init(_ storage: DevStorage, in directory: DevDirectory, volumes: [DevVolume]) {
        self.storage = storage
        self.volumes = volumes
        self.directory = directory
    }

    /// Makes and mounts them, or takes up what an earlier run left.
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
        if storage == .zfs { try await startDaemon() }
        for volume in volumes { try await setUp(volume) }
    }

    private func setUp(_ volume: DevVolume) async throws {
        let files = FileManager.default
        try files.createDirectory(
            atPath: storage == .btrfs ? volume.mountpoint : directory.diskDirectory,
            withIntermediateDirectories: true
        )
        let image = volume.image
        let isNew = !files.fileExists(atPath: image)
        if isNew { try await run("/usr/bin/truncate", "--size=\(volume.megabytes)M", image) }
        switch storage {
        case .directory: break
        case .zfs:
            if isNew {
                // Without a cache file nobody imports the pool by himself.
                try await run(
                    DevStorage.zpool,
                    "create",
                    "-o",
                    "cachefile=none",
                    "-m",
                    "none",
                    volume.pool,
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
                    volume.pool
                )
            }
        case .btrfs:
            if isNew {
                // Apart from the data, the metadata of a small one that was once full has too little
                // room: the kernel then makes it read-only.
                let layout = volume.megabytes < Self.smallMegabytes ? ["--mixed"] : []
                try await run([DevStorage.makeBtrfs, "--quiet"] + layout + [image])
            }
            try await run("/usr/bin/mount", "-o", "loop", image, volume.mountpoint)
        }
        mounted.append(volume)
    }

    /// Unmounts them, and ends what was started for them; their data stays in the files.
    ///
    /// - Throws: if something is still mounted: then nothing may be removed.
    func tearDown() async throws {
        switch storage {
        case .directory: return
        case .zfs:
            for volume in mounted {
                try await insist { try await self.run(DevStorage.zpool, "export", volume.pool) }
            }
            await daemon?.stop(patience: .seconds(10))
            daemon = nil
        case .btrfs:
            for volume in mounted {
                try await insist { try await self.run("/usr/bin/umount", volume.mountpoint) }
            }
        }
        mounted = []
        let table = try KernelFile.text("/proc/self/mounts")
        guard !table.contains(directory.diskDirectory) else {
            throw DevFileSystemFailure.unable("\(directory.diskDirectory) is still mounted")
        }
    }

    // MARK: Filling

    /// Fills a file system to its last byte; what the peer gives back of its reserve then stays free.
    ///
    /// - Throws: `DevFileSystemFailure` if that did not help.
    func fill(volume index: Int) async throws {
        let volume = volumes[index]
        if storage == .zfs {
            try await run(
                DevStorage.zfsProgram,
                "create",
                "-o",
                "mountpoint=\(volume.filler)",
                volume.pool + "/filler"
            )
        }
        try FileManager.default.createDirectory(
            atPath: volume.filler,
            withIntermediateDirectories: true
        )
        for unit in ["1M", "4K", "512"] {
            try await fill("\(volume.filler)/\(unit)", by: unit)
        }
    }

    /// Writes a file until there is no room for a unit more.
    private func fill(_ file: String, by unit: String) async throws {
        let words = [
            "/usr/bin/env", "LC_ALL=C", "/usr/bin/dd", "if=/dev/zero", "of=\(file)", "bs=\(unit)",
            "conv=fsync",
        ]
        do {
            try await run(words)
        } catch DevFileSystemFailure.refused(_, let reason) where reason.contains("No space left") {
            return
        }
        throw DevFileSystemFailure.unable("\(file) took whatever was written")
    }

    /// Takes out again what filled it, and waits until the room is seen.
    func empty(volume index: Int) async throws {
        let volume = volumes[index]
        switch storage {
        case .directory: break
        case .zfs:
            try await insist {
                try await self.run(DevStorage.zfsProgram, "destroy", volume.pool + "/filler")
            }
        case .btrfs:
            try FileManager.default.removeItem(atPath: volume.filler)
            try await run("/usr/bin/btrfs", "filesystem", "sync", volume.mountpoint)
        }
    }

    /// Starts zfs-fuse where the kernel has no ZFS.
    private func startDaemon() async throws {
        if try await answers(DevStorage.zpool, "list") { return }
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
            return try await self.answers(DevStorage.zpool, "list")
                ? .there(()) : .notYet("zpool gets no answer")
        }
    }

    private func answers(_ words: String...) async throws -> Bool {
        try await Subprocess.run(
            .path(FilePath(words[0])),
            arguments: Arguments(Array(words.dropFirst())),
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

    private func run(_ words: String...) async throws { try await run(words) }

    private func run(_ words: [String]) async throws {
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
