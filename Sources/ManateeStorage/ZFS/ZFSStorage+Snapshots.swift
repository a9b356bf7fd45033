import ManateePorts

extension ZFSStorage {
    func snapshots() async throws(StorageFailure) -> [StorageSnapshot] {
        try await listed(dataset).compactMap { entry in
            SnapshotName(entry.name).map { name in
                StorageSnapshot(
                    name: name,
                    createdSeconds: entry.facts.createdSeconds,
                    uniqueBytes: entry.facts.usedBytes,
                    referencedBytes: entry.facts.referencedBytes,
                    holds: entry.facts.holds
                )
            }
        }
    }

    func takeSnapshot(_ name: SnapshotName) async throws(StorageFailure) {
        try await run(commands.snapshot(full(name)))
    }

    func destroySnapshot(_ name: SnapshotName) async throws(StorageFailure) {
        let entry = try await listed(dataset).first { $0.name == name.text }
        guard let entry else { throw missing(name) }
        try await requireDisposable([entry], of: dataset)
        try await run(commands.destroy(full(name)))
    }

    func hold(_ name: SnapshotName, tag: String) async throws(StorageFailure) {
        try await run(commands.hold(full(name), tag: HoldTag.require(tag)))
    }

    func release(_ name: SnapshotName, tag: String) async throws(StorageFailure) {
        let tag = try HoldTag.require(tag)
        do {
            try await run(commands.release(full(name), tag: tag))
        } catch {
            guard error.kind == .missing else { throw error }
            for data in try await isolated() where data.held.contains(name) {
                let aside = "\(isolatedContainer)/\(data.name)@\(name)"
                do {
                    try await run(commands.release(aside, tag: tag))
                    return
                } catch {
                    // Somebody else's hold.
                    guard error.kind == .missing else { throw error }
                }
            }
            throw error
        }
    }

    func rollBack(to name: SnapshotName) async throws(StorageFailure) {
        let all = try await listed(dataset)
        guard let index = all.firstIndex(where: { $0.name == name.text }) else {
            throw missing(name)
        }
        let newer = Array(all[(index + 1)...])
        if let other = newer.first(where: { SnapshotName($0.name)?.isOurs != true }) {
            throw StorageFailure(
                .newerSnapshots,
                "cannot return \(dataset) to \(name): \(other.name) is newer and not Manatee's;"
                    + " destroy it, or choose a newer snapshot"
            )
        }
        try await requireDisposable(newer, of: dataset)
        try ProcessUse.requireUnused(settings.mountpoint, mountedTree: true)
        for entry in newer.reversed() {
            try await run(commands.destroy("\(dataset)@\(entry.name)"))
        }
        try await run(commands.rollback(full(name)))
    }

    func withClone<Result: Sendable>(
        of name: SnapshotName,
        _ body: @Sendable (String) async throws -> Result
    ) async throws -> Result {
        let container = "\(parent)/clones"
        let word = TransientName.make("clone")
        let clone = "\(container)/\(word)"
        let path = "\(settings.cloneDirectory)/\(word)"
        try await makeContainer(container)
        try HostFiles.makeDirectory(settings.cloneDirectory)
        let result: Swift.Result<Result, any Error>
        do {
            try await run(commands.clone(full(name), as: clone, mountpoint: path))
            try HostFiles.makeDirectory(path)
            // Some versions mount a new clone although it is not to be mounted by itself.
            if try MountTable.current().ofDataset(clone).isEmpty {
                try await run(commands.mount(clone))
            }
            result = .success(try await body(path))
        } catch {
            result = .failure(error)
        }
        do {
            if try await exists(clone) { try await destroyTransient(clone) }
            try HostFiles.remove(path)
        } catch {
            // What went wrong first is what the caller has to know; the rest goes with a sweep.
            _ = try result.get()
            throw error
        }
        return try result.get()
    }

    // MARK: Facts

    typealias Entry = (name: String, facts: ZFSProperties.SnapshotFacts)

    /// The snapshots of a data set, those with names that we would not give included; none if it
    /// does not exist.
    func listed(_ dataset: String) async throws(StorageFailure) -> [Entry] {
        guard try await exists(dataset) else { return [] }
        let names = ZFSProperties.SnapshotFacts.properties
        return ZFSProperties(try await run(commands.properties(names, around: dataset)))
            .snapshots(of: dataset)
    }

    /// Refuses if somebody still needs one of these snapshots.
    func requireDisposable(
        _ entries: [Entry],
        of dataset: String
    ) async throws(StorageFailure) {
        guard !entries.isEmpty else { return }
        if let held = entries.first(where: { $0.facts.holds > 0 }) {
            throw StorageFailure(
                .held,
                "\(dataset)@\(held.name) is kept by \(held.facts.holds) hold(s): see 'zfs holds'"
            )
        }
        let origins = ZFSProperties(try await run(commands.origins(in: pool)))
        for entry in entries {
            let clones = origins.clones(of: "\(dataset)@\(entry.name)")
            guard clones.isEmpty else {
                throw StorageFailure(
                    .hasClones,
                    "\(dataset)@\(entry.name) has clones: \(clones.joined(separator: ", "))"
                )
            }
        }
    }

    func full(_ name: SnapshotName) -> String { "\(dataset)@\(name)" }

    func missing(_ name: SnapshotName) -> StorageFailure {
        StorageFailure(.missing, "there is no snapshot \(full(name))")
    }
}
