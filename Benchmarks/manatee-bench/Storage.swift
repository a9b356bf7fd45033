import ArgumentParser
import Foundation
import ManateeBench
import ManateeLocal
import Synchronization
import UnixSignals

struct Storage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Measures how a peer is built and comes back, for each storage and size of database.",
        discussion: """
            Each pair gets a shard of three peers on one disk, in the temporary directory, which needs seven \
            times the size. What building a peer took stands beside the file system's own copy of the same \
            data. One line of JSON for each result goes to the standard output with --json; a table ends it.
            """
    )

    @Option(help: ArgumentHelp("zfs, btrfs, directory; separated by commas.", valueName: "NAMES"))
    var storage = "zfs,btrfs,directory"

    @Option(help: ArgumentHelp("Sizes in MiB, separated by commas.", valueName: "N"))
    var megabytes = "512,5120"

    @Flag(help: "Print each result as a line of JSON.")
    var json = false

    func validate() throws {
        for name in storage.list where DevStorage(rawValue: name) == nil {
            throw ValidationError("--storage knows zfs, btrfs and directory, not \(name)")
        }
        for size in megabytes.list where Int(size).map({ $0 > 0 }) != true {
            throw ValidationError("--megabytes must be numbers of 1 or more, not \(size)")
        }
    }

    func run() async throws {
        let storages = storage.list.compactMap(DevStorage.init)
        try PrivateMounts.enter(for: storages.first { $0 != .directory } ?? .directory)
        let results = Mutex<[StorageResult]>([])
        defer { say(StorageTable(results.withLock(\.self)).markdown) }
        for storage in storages {
            for size in megabytes.list.compactMap({ Int($0) }) {
                try await measure(storage, size) { result in
                    results.withLock { $0.append(result) }
                    if json { say(JSONLine.text(result)) }
                }
            }
        }
    }

    private func measure(
        _ storage: DevStorage,
        _ size: Int,
        _ add: @escaping @Sendable (StorageResult) -> Void
    ) async throws {
        let name = "manatee-bench-" + String(UInt32.random(in: 0 ... .max), radix: 16)
        let directory = DevDirectory(
            path: FileManager.default.temporaryDirectory.path + "/" + name
        )
        var options = DevShard.Options(sitterProgram: try Programs.path("manatee-sitter"))
        options.backupServerProgram = try Programs.path("manatee-backupserver")
        options.storage = storage
        // Three copies with their logs, a fourth by hand, and room for what a file system keeps free.
        options.fileSystemGigabytes = 10 + size * 5 / 1024
        // A disk under full load delays everything.
        options.sessionTimeout = .seconds(10)
        options.firstPort = Int.random(in: 2000...3000) * PortPlan.step
        let shard = try await DevShard.prepare(in: directory, options)
        let outcome = await Interruptible.run {
            try await StorageRun(shard: shard, megabytes: size, add: add).run()
        }
        await shard.stopAll()
        try await shard.unmount()
        try directory.remove()
        if case .interrupted(let signal) = try outcome.get() {
            throw ExitCode(128 + signal.rawValue)
        }
    }
}
