import Logging
import ManateeCore
import ManateePorts

/// Taking the data back to a snapshot of its own from before it diverged.
extension PostgresServer {
    /// How many snapshots are looked at: each costs a clone, and the older one is, the less likely is
    /// it that the upstream still has the log since then.
    private static let snapshotsLookedAt = 10

    /// Takes the data back to its newest snapshot that the source's log goes on from.
    ///
    /// - Throws: `WayClosed` if there is none, or it cannot be returned to.
    func rollBack(to source: LogCopy) async throws {
        guard let storage else { throw WayClosed(description: "there is no storage") }
        do {
            let names = try await storage.snapshots().map(\.name)
            for name in names.reversed().prefix(Self.snapshotsLookedAt) {
                guard try await isAncestor(name, of: source, in: storage) else { continue }
                try await storage.rollBack(to: name)
                // The storage may have put another directory in the place of the data.
                try await prepareStorage()
                systemIdentifier = nil
                logger.info("rolled the own data back", metadata: ["snapshot": "\(name)"])
                return
            }
            throw WayClosed(
                description: "none of the newest \(min(names.count, Self.snapshotsLookedAt)) "
                    + "snapshots is from before the fork"
            )
        } catch let failure as StorageFailure {
            if failure.kind == .cancelled { throw CancellationError() }
            throw WayClosed(description: failure.detail)
        }
    }

    /// Whether the source's log goes on from what a snapshot holds.
    private func isAncestor(
        _ name: SnapshotName,
        of source: LogCopy,
        in storage: any DataStorage
    ) async throws -> Bool {
        let inside = String(directory.path.dropFirst(storage.dataPath.count))
        return try await storage.withClone(of: name) { [files] path in
            let database = path + inside
            guard files.exists(database + "/PG_VERSION"),
                !files.exists(database + DataDirectory.incompleteSuffix)
            else { return false }
            let control = try await self.readControlData(database)
            guard control.systemIdentifier == source.system else { return false }
            return try await self.divergence(of: database, from: source, control) == nil
        }
    }
}
