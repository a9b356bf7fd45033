import Foundation
import ManateeLocal

/// The copy that an operator would make by hand of the same data, on the same disks.
struct PlainCopy: Sendable {
    /// The shard that it is made in; its file system must be mounted.
    var shard: DevShard
    /// Whose data is copied, counted from 1.
    var source: Int

    /// What one copy took.
    struct Outcome: Sendable {
        /// Until the copy was on the disk.
        var time: Duration
        /// What was run.
        var command: String
    }

    private var directory: DevDirectory { shard.directory }
    private var storage: DevStorage { shard.settings.storage ?? .directory }

    /// Makes the copy, and removes it again.
    ///
    /// - Throws: ``Tool/Failure``; ``BenchFailure`` if there is no snapshot to copy.
    func run() async throws -> Outcome {
        switch storage {
        case .zfs: try await zfs()
        case .btrfs: try await btrfs()
        case .directory: try await files()
        }
    }

    private func zfs() async throws -> Outcome {
        let dataset = "\(directory.pool)/peer\(source)/data"
        let list = try await Tool.run(
            "zfs",
            ["list", "-H", "-r", "-d", "1", "-t", "snapshot", "-o", "name", dataset]
        )
        let snapshot = try newest(list.split(separator: "\n").map(String.init), of: dataset)
        let copy = directory.pool + "/plain"
        let outcome = try await pipe("zfs send \"$1\" | zfs receive -u \"$2\"", snapshot, copy)
        try await Tool.run("zfs", "destroy", "-r", copy)
        return Outcome(time: outcome, command: "zfs send, zfs receive")
    }

    private func btrfs() async throws -> Outcome {
        let snapshots = "\(directory.diskDirectory)/peer\(source)/snapshots"
        let names = try FileManager.default.contentsOfDirectory(atPath: snapshots)
        let name = try newest(names, of: snapshots)
        let copy = directory.diskDirectory + "/plain"
        try FileManager.default.createDirectory(
            atPath: copy,
            withIntermediateDirectories: false
        )
        let time = try await pipe(
            "btrfs send -q \"$1\" | btrfs receive -q \"$2\" && sync -f \"$2\"",
            "\(snapshots)/\(name)",
            copy
        )
        try await Tool.run("btrfs", "subvolume", "delete", "\(copy)/\(name)")
        try FileManager.default.removeItem(atPath: copy)
        return Outcome(time: time, command: "btrfs send, btrfs receive")
    }

    private func files() async throws -> Outcome {
        let copy = directory.path + "/plain"
        let time = try await pipe(
            "cp -a \"$1\" \"$2\" && sync -f \"$2\"",
            shard.settings.dataDirectory(source, in: directory),
            copy
        )
        try FileManager.default.removeItem(atPath: copy)
        return Outcome(time: time, command: "cp -a")
    }

    /// Names of snapshots are times with 13 digits, so that their order is that of the time.
    private func newest(_ names: [String], of place: String) throws -> String {
        guard let newest = names.max() else {
            throw BenchFailure("\(place) has no snapshot: the new peer was not built from one")
        }
        return newest
    }

    private func pipe(_ script: String, _ from: String, _ to: String) async throws -> Duration {
        let begun = ContinuousClock.now
        try await Tool.run("bash", ["-c", "set -o pipefail; \(script)", "bash", from, to])
        return begun.duration(to: .now)
    }
}
