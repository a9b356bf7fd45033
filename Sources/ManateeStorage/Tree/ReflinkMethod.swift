import CLinux
import Glibc
import ManateePorts

/// Plain directories: copies that share their blocks where the file system can, else none.
///
/// A copy is not of one moment: postgres must be stopped while it is made.
struct ReflinkMethod: TreeMethod {
    /// What marks the end of a complete archive: tar takes a cut one for a complete one.
    static let endMark = ".manatee-complete"

    /// Copying and removing takes as long as there are files.
    private static let treeLimit = Duration.seconds(1800)
    private let runner = ToolRunner()

    func capabilities(
        root: String,
        work: String
    ) async throws(StorageFailure)
        -> StorageCapabilities
    {
        let reflinks = try await canReflink(in: work)
        return StorageCapabilities(
            streamFormat: "tar",
            snapshots: reflinks,
            atomicSnapshots: false,
            incrementalSend: false,
            resumableReceive: false,
            delegation: true,
            remarks: reflinks
                ? [
                    "snapshots of a directory are copies with shared blocks: stop postgres for them",
                    "only whole copies can be sent from a directory",
                ]
                : [
                    "the file system of \(root) cannot share blocks between files: no snapshots,"
                        + " peers are built by pg_basebackup"
                ]
        )
    }

    func requireUsable(root: String) throws(StorageFailure) {}

    func isTree(_ path: String) -> Bool {
        HostFiles.facts(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    }

    func make(_ path: String) async throws(StorageFailure) {
        try HostFiles.makeDirectory(path, mode: 0o700)
    }

    func copy(
        _ source: String,
        to destination: String,
        readOnly: Bool,
        work: String
    ) async throws(StorageFailure) {
        guard try await canReflink(in: work) else {
            throw StorageFailure(
                .unsupported,
                "the file system of \(source) cannot share blocks between files, so there are no"
                    + " snapshots: use ZFS, btrfs or XFS, or copy with pg_basebackup"
            )
        }
        guard !HostFiles.exists(destination) else {
            throw StorageFailure(.exists, "\(destination) is there already")
        }
        let partial = "\(work)/\(TransientName.make("copy"))"
        do {
            try await runner.run(Self.copyCommand(source, partial, limit: Self.treeLimit))
            try HostFiles.move(partial, to: destination)
        } catch {
            if HostFiles.exists(partial) { try await removeAtOnce(partial) }
            throw error
        }
    }

    func remove(_ path: String, work: String) async throws(StorageFailure) {
        let doomed = "\(work)/\(TransientName.make("remove"))"
        try HostFiles.move(path, to: doomed)
        try await removeAtOnce(doomed)
    }

    func snapshotFacts(_ paths: [String]) async throws(StorageFailure) -> [String: TreeFacts] {
        var facts: [String: TreeFacts] = [:]
        for path in paths where isTree(path) {
            // The change time is of the moment at which the copy got its name.
            guard let changed = HostFiles.facts(path)?.st_ctim else { continue }
            facts[path] = TreeFacts(
                order: Int64(changed.tv_sec) * 1_000_000_000 + Int64(changed.tv_nsec),
                createdSeconds: Int64(changed.tv_sec)
            )
        }
        return facts
    }

    func sendCommand(
        _ snapshot: String,
        since base: String?,
        work: String
    ) throws(StorageFailure) -> ToolCommand {
        guard base == nil else {
            throw StorageFailure(
                .unsupported,
                "a directory can only be sent whole: send \(snapshot) without a base"
            )
        }
        let mark = "\(work)/end"
        try HostFiles.makeDirectory(mark)
        try HostFiles.makeFile("\(mark)/\(Self.endMark)")
        return Self.archiveCommand(snapshot, mark: mark)
    }

    func receive(
        into incoming: String,
        difference: Bool,
        from stream: any StorageStream
    ) async throws -> String {
        guard !difference else {
            throw StorageFailure(.unsupported, "a directory can only receive whole copies")
        }
        try await StreamRunner(kind: TreeMessage.kind).receive(
            Self.extractCommand(incoming),
            from: stream,
            checking: NoStreamCheck()
        )
        guard HostFiles.exists("\(incoming)/\(Self.endMark)") else {
            throw StorageFailure(
                .badStream,
                "the stream stops before its end: send it again"
            )
        }
        try HostFiles.remove("\(incoming)/\(Self.endMark)")
        return incoming
    }

    // MARK: Command lines

    static func copyCommand(_ source: String, _ destination: String, limit: Duration) -> ToolCommand
    {
        ToolCommand(
            path: "/usr/bin/cp",
            arguments: ["--archive", "--reflink=always", "--", source, destination],
            limit: limit
        )
    }

    static func archiveCommand(_ snapshot: String, mark: String) -> ToolCommand {
        ToolCommand(
            path: "/usr/bin/tar",
            arguments: [
                "--create", "--file=-", "--numeric-owner", "--sparse", "--directory=\(snapshot)",
                ".", "--directory=\(mark)", endMark,
            ]
        )
    }

    static func extractCommand(_ directory: String) -> ToolCommand {
        ToolCommand(
            path: "/usr/bin/tar",
            arguments: [
                "--extract", "--file=-", "--numeric-owner", "--preserve-permissions",
                "--directory=\(directory)",
            ]
        )
    }

    private func canReflink(in work: String) async throws(StorageFailure) -> Bool {
        let probe = "\(work)/\(TransientName.make("probe"))"
        try HostFiles.makeFile(probe)
        let copy = Self.copyCommand(probe, probe + "-copy", limit: .seconds(10))
        let answer = try await runner.output(of: copy)
        try HostFiles.remove(probe + "-copy")
        try HostFiles.remove(probe)
        return answer.status == 0
    }

    private func removeAtOnce(_ path: String) async throws(StorageFailure) {
        try await runner.run(
            ToolCommand(
                path: "/usr/bin/rm",
                arguments: ["--recursive", "--force", "--one-file-system", "--", path],
                limit: Self.treeLimit
            )
        )
    }
}
