import FoundationEssentials
import Logging
import ManateePorts

extension TreeStorage {
    func send<Result: Sendable>(
        _ name: SnapshotName,
        since base: SnapshotName?,
        _ body: @Sendable (any StorageStream) async throws -> Result
    ) async throws -> Result {
        try requireSnapshot(name)
        if let base { try requireSnapshot(base) }
        let command = try method.sendCommand(
            layout.snapshot(name),
            since: base.map(layout.snapshot),
            work: layout.work
        )
        return try await StreamRunner(kind: TreeMessage.kind).send(command, body)
    }

    func receive(
        _ name: SnapshotName,
        since base: SnapshotName?,
        from stream: any StorageStream
    ) async throws {
        try makeFolders()
        try await requireReceivable(name, since: base)
        let incoming = "\(layout.work)/\(TransientName.make("receive"))"
        try HostFiles.makeDirectory(incoming, mode: 0o700)
        do {
            let tree = try await method.receive(
                into: incoming,
                difference: base != nil,
                from: stream
            )
            try await adopt(tree, as: name)
        } catch {
            try await removeIncoming(incoming)
            throw error
        }
        try await removeIncoming(incoming)
        logger.info("data received", metadata: ["storage.path": "\(layout.snapshot(name))"])
    }

    private func requireReceivable(
        _ name: SnapshotName,
        since base: SnapshotName?
    ) async throws(StorageFailure) {
        let newest = try await listed().last?.name
        if let base {
            guard newest == base else {
                throw StorageFailure(
                    .noCommonSnapshot,
                    "cannot receive what \(name) has more than \(base): \(base) is not the newest"
                        + " snapshot in \(layout.snapshots); roll back to it first"
                )
            }
            return
        }
        guard newest == nil, !HostFiles.exists(layout.data) else {
            throw StorageFailure(
                .exists,
                "cannot receive \(name): there is data in \(layout.root); set it aside first"
            )
        }
    }

    /// Makes a complete tree the snapshot and the data; where there are no snapshots, the data only.
    private func adopt(_ tree: String, as name: SnapshotName) async throws(StorageFailure) {
        let able = try await method.capabilities(root: layout.root, work: layout.work)
        guard able.snapshots else {
            try HostFiles.move(tree, to: layout.data)
            return
        }
        try await method.copy(tree, to: layout.snapshot(name), readOnly: true, work: layout.work)
        do {
            try await replaceData(by: layout.snapshot(name))
        } catch {
            try await method.remove(layout.snapshot(name), work: layout.work)
            throw error
        }
    }

    private func removeIncoming(_ path: String) async throws(StorageFailure) {
        if HostFiles.exists(path) { try await removeAll(path) }
    }

    /// Puts a copy of a snapshot in the place of the data, in one step.
    func replaceData(by snapshot: String) async throws(StorageFailure) {
        let fresh = "\(layout.work)/\(TransientName.make("data"))"
        guard HostFiles.exists(layout.data) else {
            try await method.copy(snapshot, to: fresh, readOnly: false, work: layout.work)
            try HostFiles.move(fresh, to: layout.data)
            return
        }
        try ProcessUse.requireUnused(layout.data)
        try await method.copy(snapshot, to: fresh, readOnly: false, work: layout.work)
        do {
            try HostFiles.exchange(fresh, layout.data)
        } catch {
            try await removeAll(fresh)
            throw error
        }
        try await removeAll(fresh)
    }

    // MARK: Setting aside

    func isolate(_ reason: IsolationReason) async throws(StorageFailure) -> String? {
        let snapshots = HostFiles.names(in: layout.snapshots) ?? []
        let hasData = HostFiles.exists(layout.data)
        guard hasData || !snapshots.isEmpty else { return nil }
        try makeFolders()
        try IsolatedName.requireRoom(for: isolatedNames, kept: settings.isolatedKept)
        try await ProcessUse.awaitUnused(layout.data)
        let name = IsolatedName.make(reason, at: Date())
        let aside = layout.isolated(name)
        try HostFiles.makeDirectory(aside.root, mode: 0o700)
        // The data goes first: a set of snapshots without data is set aside by the next attempt.
        if hasData { try HostFiles.move(layout.data, to: aside.data) }
        try HostFiles.move(layout.snapshots, to: aside.snapshots)
        try HostFiles.move(layout.holds, to: aside.holds)
        try makeFolders()
        logger.info("data set aside", metadata: ["storage.isolated": "\(name)"])
        return name
    }

    func isolated() async throws(StorageFailure) -> [IsolatedData] {
        isolatedNames.map { name in
            let held = HostFiles.names(in: layout.isolated(name).holds) ?? []
            return IsolatedData(name: name, bytes: nil, held: held.compactMap(SnapshotName.init))
        }
    }

    func destroyIsolated(_ name: String) async throws(StorageFailure) {
        try IsolatedName.require(name)
        let aside = layout.isolated(name)
        guard HostFiles.exists(aside.root) else {
            throw StorageFailure(.missing, "there is no \(aside.root)")
        }
        if let held = HostFiles.names(in: aside.holds)?.first {
            throw StorageFailure(
                .held,
                "snapshot \(held) of \(aside.root) is kept by a hold: remove \(aside.holds)/\(held)"
            )
        }
        try ProcessUse.requireUnused(aside.root)
        // From here on it is gone for everybody; an interrupted removal ends with a sweep.
        let doomed = "\(layout.work)/\(TransientName.make("isolated"))"
        try HostFiles.move(aside.root, to: doomed)
        try await removeAll(doomed)
        logger.info("isolated data destroyed", metadata: ["storage.isolated": "\(name)"])
    }

    var isolatedNames: [String] {
        (HostFiles.names(in: layout.isolated) ?? [])
            .sorted { IsolatedName.moment($0) < IsolatedName.moment($1) }
    }
}
