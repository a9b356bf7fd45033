import ManateePorts

/// How a file system keeps trees of files: what differs between btrfs and a plain directory.
protocol TreeMethod: Sendable {
    /// What this method can do below `root`; `work` is a directory for trying things out.
    func capabilities(
        root: String,
        work: String
    ) async throws(StorageFailure) -> StorageCapabilities

    /// Refuses a root that this method cannot work in.
    func requireUsable(root: String) throws(StorageFailure)

    /// Whether `path` is a tree that this method makes and removes as a whole.
    func isTree(_ path: String) -> Bool

    /// Makes an empty tree.
    func make(_ path: String) async throws(StorageFailure)

    /// Makes `destination` the same as `source`; it is there wholly or not at all.
    ///
    /// A copy that is `readOnly` cannot be written to, where that can be enforced. What is not
    /// complete lies in `work`, a directory of the same file system.
    func copy(
        _ source: String,
        to destination: String,
        readOnly: Bool,
        work: String
    ) async throws(StorageFailure)

    /// Removes a tree that nobody uses; it is gone at once, even if that takes time.
    func remove(_ path: String, work: String) async throws(StorageFailure)

    /// What is known about complete snapshots, by path; those that are none are left out.
    func snapshotFacts(_ paths: [String]) async throws(StorageFailure) -> [String: TreeFacts]

    /// The command that writes a snapshot, or its difference to `base`, as a stream.
    ///
    /// - Throws: `.unsupported`.
    func sendCommand(
        _ snapshot: String,
        since base: String?,
        work: String
    ) throws(StorageFailure) -> ToolCommand

    /// Reads a stream into the empty directory `incoming`.
    ///
    /// - Returns: the path of the complete tree: `incoming` itself or its one entry.
    func receive(
        into incoming: String,
        difference: Bool,
        from stream: any StorageStream
    ) async throws -> String
}

/// What is known about the tree of a snapshot.
struct TreeFacts: Equatable, Sendable {
    /// Grows with each snapshot of the file system.
    var order: Int64
    var createdSeconds: Int64?
    var uniqueBytes: Int64?
    var referencedBytes: Int64?
}

extension ToolRunner {
    /// Runs a command that must succeed.
    ///
    /// - Throws: a failure of the kind that its last words mean.
    @discardableResult
    func run(
        _ command: ToolCommand,
        kind: @Sendable (String) -> StorageFailure.Kind = TreeMessage.kind
    ) async throws(StorageFailure) -> String {
        let answer = try await output(of: command)
        guard answer.status == 0 else {
            throw StorageFailure(
                kind(answer.errors),
                "'\(command.words)' failed (status \(answer.status)): \(answer.errors.lastWords)"
            )
        }
        return answer.output
    }
}

/// What the messages of `btrfs`, `cp`, `rm` and `tar` mean.
enum TreeMessage {
    /// The kind of failure that the last words of a failed command tell.
    static func kind(_ message: String) -> StorageFailure.Kind {
        meanings.first { message.contains($0.words) }?.kind ?? .failed
    }

    private static let meanings: [(words: String, kind: StorageFailure.Kind)] = [
        ("No space left on device", .noSpace),
        ("Disk quota exceeded", .noSpace),
        ("cannot find parent subvolume", .noCommonSnapshot),
        ("short read from stream", .badStream),
        ("invalid tlv in cmd", .badStream),
        ("crc32 mismatch", .badStream),
        ("unexpected header", .badStream),
        ("stream is corrupt", .badStream),
        ("Unexpected EOF in archive", .badStream),
        ("This does not look like a tar archive", .badStream),
        ("Skipping to next header", .badStream),
        ("send in progress", .inUse),
        ("Device or resource busy", .inUse),
        ("Operation not permitted", .notPermitted),
        ("Permission denied", .notPermitted),
        ("Read-only file system", .notPermitted),
        ("File exists", .exists),
        ("failed to clone", .unsupported),
        ("Not a Btrfs", .unsupported),
        ("not a btrfs", .unsupported),
        ("No such file or directory", .missing),
    ]
}
