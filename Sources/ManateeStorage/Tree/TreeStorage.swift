import Logging
import ManateePorts

/// A peer's data as a tree of files below one directory, on btrfs or on any file system.
struct TreeStorage: DataStorage {
    let settings: TreeSettings
    let layout: TreeLayout
    let method: any TreeMethod
    let logger: Logger
    let runner = ToolRunner()

    init(settings: TreeSettings, method: some TreeMethod, logger: Logger) {
        self.settings = settings
        self.method = method
        self.logger = logger
        layout = TreeLayout(root: settings.root)
    }

    var dataPath: String { layout.data }

    // MARK: What there is

    func capabilities() async throws(StorageFailure) -> StorageCapabilities {
        try makeFolders()
        return try await method.capabilities(root: layout.root, work: layout.work)
    }

    func exists() async throws(StorageFailure) -> Bool { HostFiles.exists(layout.data) }

    func space() async throws(StorageFailure) -> StorageSpace {
        let space = try HostFiles.space(layout.root)
        let sizes = try await listed().map(\.facts.uniqueBytes)
        let known = sizes.compactMap { $0 }
        return StorageSpace(
            total: space.total,
            free: space.free,
            usedBySnapshots: known.count == sizes.count ? known.reduce(0, +) : nil
        )
    }

    // MARK: Preparing

    func prepare(
        creating: Bool,
        owner: StorageOwner?
    ) async throws(StorageFailure) -> Bool {
        try requireNothingMounted()
        try makeFolders()
        await sweep()
        if !HostFiles.exists(layout.data) {
            guard creating else { return false }
            try await method.make(layout.data)
            logger.info("data directory created", metadata: ["storage.path": "\(layout.data)"])
        }
        guard method.isTree(layout.data) else {
            throw StorageFailure(
                .foreignMount,
                "\(layout.data) is there, but is not what this kind of storage makes (a subvolume or"
                    + " a directory): move it away"
            )
        }
        if let owner { try await runner.give(layout.data, to: owner) }
        return true
    }

    /// The data lies in the file system of the root: a mount in it would hide it.
    private func requireNothingMounted() throws(StorageFailure) {
        if let mount = try MountTable.current().within(layout.data).first {
            throw StorageFailure(
                .foreignMount,
                "\(mount.source) (\(mount.type)) is mounted at \(mount.path), where the data"
                    + " belongs: unmount it"
            )
        }
    }

    func makeFolders() throws(StorageFailure) {
        guard layout.root.hasPrefix("/"), !layout.root.hasSuffix("/") else {
            throw StorageFailure(.failed, "'\(layout.root)' is no absolute path of a directory")
        }
        try HostFiles.makeDirectory(layout.root)
        try method.requireUsable(root: layout.root)
        for folder in [layout.snapshots, layout.holds, layout.isolated, layout.work] {
            try HostFiles.makeDirectory(folder, mode: 0o711)
        }
    }

    /// Removes what killed processes left behind; never anything that is still used.
    private func sweep() async {
        for name in HostFiles.names(in: layout.work) ?? [] where TransientName.isLeftover(name) {
            do {
                try await removeAll("\(layout.work)/\(name)")
            } catch {
                logger.warning(
                    "leftover stays",
                    metadata: ["storage.path": "\(layout.work)/\(name)", "error": "\(error)"]
                )
            }
        }
    }

    /// Removes a tree, or a directory with trees in it, that nobody uses.
    func removeAll(_ path: String) async throws(StorageFailure) {
        try ProcessUse.requireUnused(path)
        if method.isTree(path) {
            try await method.remove(path, work: layout.work)
            return
        }
        for name in HostFiles.names(in: path) ?? [] { try await removeAll("\(path)/\(name)") }
        try HostFiles.remove(path)
    }

    // MARK: Snapshots

    func snapshots() async throws(StorageFailure) -> [StorageSnapshot] {
        try await listed().map { entry in
            StorageSnapshot(
                name: entry.name,
                createdSeconds: entry.facts.createdSeconds,
                uniqueBytes: entry.facts.uniqueBytes,
                referencedBytes: entry.facts.referencedBytes,
                holds: holdCount(entry.name)
            )
        }
    }

    func takeSnapshot(_ name: SnapshotName) async throws(StorageFailure) {
        try makeFolders()
        guard HostFiles.exists(layout.data) else {
            throw StorageFailure(.missing, "there is no data at \(layout.data) to take \(name) of")
        }
        try await method.copy(
            layout.data,
            to: layout.snapshot(name),
            readOnly: true,
            work: layout.work
        )
    }

    func destroySnapshot(_ name: SnapshotName) async throws(StorageFailure) {
        try requireSnapshot(name)
        try requireDisposable(name)
        try await method.remove(layout.snapshot(name), work: layout.work)
    }

    func hold(_ name: SnapshotName, tag: String) async throws(StorageFailure) {
        try requireSnapshot(name)
        let tag = try HoldTag.require(tag)
        try HostFiles.makeDirectory(layout.holds(of: name))
        guard !HostFiles.exists("\(layout.holds(of: name))/\(tag)") else {
            throw StorageFailure(.exists, "\(layout.snapshot(name)) has a hold '\(tag)' already")
        }
        try HostFiles.makeFile("\(layout.holds(of: name))/\(tag)")
    }

    func release(_ name: SnapshotName, tag: String) async throws(StorageFailure) {
        let tag = try HoldTag.require(tag)
        let places = [layout] + isolatedNames.map(layout.isolated)
        let folder = places.map { $0.holds(of: name) }.first { HostFiles.exists("\($0)/\(tag)") }
        guard let folder else {
            throw StorageFailure(.missing, "\(layout.snapshot(name)) has no hold '\(tag)'")
        }
        try HostFiles.remove("\(folder)/\(tag)")
        if HostFiles.names(in: folder) == [] { try HostFiles.remove(folder) }
    }

    func rollBack(to name: SnapshotName) async throws(StorageFailure) {
        let all = try await listed()
        guard let index = all.firstIndex(where: { $0.name == name }) else { throw missing(name) }
        let newer = all[(index + 1)...].map(\.name)
        if let other = newer.first(where: { !$0.isOurs }) {
            throw StorageFailure(
                .newerSnapshots,
                "cannot return \(layout.data) to \(name): \(other) is newer and not Manatee's;"
                    + " destroy it, or choose a newer snapshot"
            )
        }
        for name in newer { try requireDisposable(name) }
        try await replaceData(by: layout.snapshot(name))
        for name in newer.reversed() {
            try await method.remove(layout.snapshot(name), work: layout.work)
        }
    }

    func withClone<Result: Sendable>(
        of name: SnapshotName,
        _ body: @Sendable (String) async throws -> Result
    ) async throws -> Result {
        try requireSnapshot(name)
        let clone = "\(layout.work)/\(TransientName.make("clone"))"
        try await method.copy(
            layout.snapshot(name),
            to: clone,
            readOnly: false,
            work: layout.work
        )
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(clone))
        } catch {
            result = .failure(error)
        }
        do {
            try await removeAll(clone)
        } catch {
            // What went wrong first is what the caller has to know; the rest goes with a sweep.
            _ = try result.get()
            throw error
        }
        return try result.get()
    }

    // MARK: Facts

    typealias Entry = (name: SnapshotName, facts: TreeFacts)

    /// The complete snapshots, in the order in which they were made.
    func listed() async throws(StorageFailure) -> [Entry] {
        let names = (HostFiles.names(in: layout.snapshots) ?? []).compactMap(SnapshotName.init)
        let facts = try await method.snapshotFacts(names.map(layout.snapshot))
        return
            names
            .compactMap { name in
                facts[layout.snapshot(name)].map { (name: name, facts: $0) }
            }
            .sorted { ($0.facts.order, $0.name.text) < ($1.facts.order, $1.name.text) }
    }

    func requireSnapshot(_ name: SnapshotName) throws(StorageFailure) {
        guard HostFiles.exists(layout.snapshot(name)) else { throw missing(name) }
    }

    /// Refuses if somebody still needs the snapshot.
    private func requireDisposable(_ name: SnapshotName) throws(StorageFailure) {
        let holds = holdCount(name)
        guard holds == 0 else {
            throw StorageFailure(
                .held,
                "\(layout.snapshot(name)) is kept by \(holds) hold(s): see \(layout.holds(of: name))"
            )
        }
        try ProcessUse.requireUnused(layout.snapshot(name))
    }

    private func holdCount(_ name: SnapshotName) -> Int {
        HostFiles.names(in: layout.holds(of: name))?.count ?? 0
    }

    private func missing(_ name: SnapshotName) -> StorageFailure {
        StorageFailure(.missing, "there is no snapshot \(layout.snapshot(name))")
    }
}
