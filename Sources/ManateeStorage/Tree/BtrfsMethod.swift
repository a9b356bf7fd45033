import CLinux
import Glibc
import ManateePorts

/// Subvolumes of btrfs: snapshots at once, differences as streams.
struct BtrfsMethod: TreeMethod {
    /// The program, absolute.
    var path = "/usr/bin/btrfs"

    /// The inode that every subvolume's root has, and nothing else.
    private static let rootInode: ino_t = 256
    private static let removeLimit = Duration.seconds(600)
    private static let sizeLimit = Duration.seconds(30)
    private let runner = ToolRunner()

    func capabilities(
        root: String,
        work: String
    ) async throws(StorageFailure)
        -> StorageCapabilities
    {
        let mayUse = geteuid() == 0
        return StorageCapabilities(
            streamFormat: "btrfs",
            snapshots: true,
            atomicSnapshots: true,
            incrementalSend: true,
            resumableReceive: false,
            delegation: false,
            remarks: ["btrfs cannot resume an interrupted transfer"]
                + (mayUse ? [] : ["'btrfs send' and 'btrfs receive' need root"])
        )
    }

    func requireUsable(root: String) throws(StorageFailure) {
        let mount = try MountTable.current().covering(root)
        guard mount?.type == "btrfs" else {
            throw StorageFailure(
                .unsupported,
                "\(root) is on \(mount?.type ?? "nothing known") (mounted at"
                    + " \(mount?.path ?? "nowhere")), not on btrfs: mount it, or choose another"
                    + " kind of storage"
            )
        }
    }

    func isTree(_ path: String) -> Bool {
        guard let facts = HostFiles.facts(path) else { return false }
        return facts.st_ino == Self.rootInode && facts.st_mode & S_IFMT == S_IFDIR
    }

    func make(_ path: String) async throws(StorageFailure) {
        try await runner.run(command(["subvolume", "create", path]))
    }

    func copy(
        _ source: String,
        to destination: String,
        readOnly: Bool,
        work: String
    ) async throws(StorageFailure) {
        // Into an existing directory the snapshot would go below it.
        guard !HostFiles.exists(destination) else {
            throw StorageFailure(.exists, "\(destination) is there already")
        }
        try await runner.run(Self.snapshotCommand(path, source, destination, readOnly: readOnly))
    }

    func remove(_ path: String, work: String) async throws(StorageFailure) {
        try await runner.run(command(["subvolume", "delete", path], limit: Self.removeLimit))
    }

    func snapshotFacts(_ paths: [String]) async throws(StorageFailure) -> [String: TreeFacts] {
        var facts: [String: TreeFacts] = [:]
        for path in paths where isTree(path) {
            let shown = try await runner.run(command(["subvolume", "show", path]))
            guard let subvolume = BtrfsSubvolume(shown), subvolume.isReadOnly else { continue }
            facts[path] = TreeFacts(
                order: subvolume.number,
                createdSeconds: HostFiles.facts(path).map { Int64($0.st_ctim.tv_sec) }
            )
        }
        guard !facts.isEmpty else { return facts }
        let measure = command(
            ["filesystem", "du", "-s", "--raw"] + facts.keys.sorted(),
            limit: Self.sizeLimit
        )
        // Measuring walks all extents; where that takes too long, the sizes are just not known.
        guard let printed = try? await runner.run(measure) else { return facts }
        let usage = BtrfsUsage(printed)
        for path in facts.keys {
            facts[path]?.uniqueBytes = usage.exclusive[path]
            facts[path]?.referencedBytes = usage.total[path]
        }
        return facts
    }

    func sendCommand(
        _ snapshot: String,
        since base: String?,
        work: String
    ) throws(StorageFailure) -> ToolCommand {
        Self.sendCommand(path, snapshot, since: base)
    }

    func receive(
        into incoming: String,
        difference: Bool,
        from stream: any StorageStream
    ) async throws -> String {
        try await StreamRunner(kind: TreeMessage.kind).receive(
            command(["receive", "-q", "-e", incoming]),
            from: stream,
            checking: BtrfsStreamCheck()
        )
        let names = HostFiles.names(in: incoming) ?? []
        guard names.count == 1, let name = names.first else {
            throw StorageFailure(.badStream, "the stream held \(names.count) subvolumes, not one")
        }
        let path = "\(incoming)/\(name)"
        let shown = try await runner.run(command(["subvolume", "show", path]))
        guard let subvolume = BtrfsSubvolume(shown), subvolume.isReadOnly,
            subvolume.receivedUUID != nil
        else { throw StorageFailure(.badStream, "btrfs did not finish \(path)") }
        return path
    }

    // MARK: Command lines

    static func snapshotCommand(
        _ path: String,
        _ source: String,
        _ destination: String,
        readOnly: Bool
    ) -> ToolCommand {
        ToolCommand(
            path: path,
            arguments: ["subvolume", "snapshot"] + (readOnly ? ["-r"] : []) + [
                source, destination,
            ],
            limit: .seconds(120)
        )
    }

    static func sendCommand(
        _ path: String,
        _ snapshot: String,
        since base: String?
    ) -> ToolCommand {
        ToolCommand(
            path: path,
            arguments: ["send", "-q"] + (base.map { ["-p", $0] } ?? []) + [snapshot]
        )
    }

    private func command(
        _ arguments: [String],
        limit: Duration = .seconds(60)
    ) -> ToolCommand {
        ToolCommand(path: path, arguments: arguments, limit: limit)
    }
}
