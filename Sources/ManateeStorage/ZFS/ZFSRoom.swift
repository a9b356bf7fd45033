package import ManateeCore
package import ManateePorts

/// The room of a ZFS data set, with a reserve that is a promise instead of a file: a sibling named
/// `reserve`, to which the pool owes so much.
///
/// A file would be held by the snapshots of the data, and its end would give nothing back.
package actor ZFSRoom: DataRoom {
    /// For how long an answer of `zfs` about the reserve is believed.
    private static let memory = Duration.seconds(60)

    private let storage: ZFSStorage
    private let size: SpaceAmount
    private var known: (hasReserve: Bool, until: ContinuousClock.Instant)?

    init(storage: ZFSStorage, reserve size: SpaceAmount) {
        self.storage = storage
        self.size = size
    }

    private var reserve: String { "\(storage.parent)/reserve" }

    /// How much room the data has, or would get while it is away.
    package func space() async throws(EffectFailure) -> StorageSpace {
        do {
            guard try !MountTable.current().ofDataset(storage.dataset).isEmpty else {
                return try await storage.space()
            }
            let space = try HostFiles.space(storage.dataPath)
            return StorageSpace(total: space.total, free: space.free, usedBySnapshots: nil)
        } catch {
            throw EffectFailure("\(error)")
        }
    }

    /// Whether the pool owes anything to the reserve.
    package func hasReserve() async -> Bool {
        if let known, known.until > .now { return known.hasReserve }
        // One that cannot be seen cannot be counted on.
        let promised = (try? await promised()) ?? 0
        remember(promised > 0)
        return promised > 0
    }

    /// Makes the pool owe the size to the reserve, at most a twentieth of the whole.
    package func makeReserve() async throws(EffectFailure) {
        if await hasReserve() { return }
        let total = try await space().total
        let size = min(size.bytes(of: total), total / 20)
        do {
            guard size > 0 else { return }
            try await storage.makeContainer(reserve)
            try await storage.run(storage.commands.set("reservation", "\(size)", of: reserve))
        } catch {
            throw EffectFailure("cannot reserve \(size) bytes for \(reserve): \(error)")
        }
        remember(true)
    }

    /// Ends what the pool owes.
    package func releaseReserve() async throws(EffectFailure) {
        do {
            guard try await promised() > 0 else { return remember(false) }
            try await storage.run(storage.commands.set("reservation", "none", of: reserve))
        } catch {
            throw EffectFailure("cannot release the reserve \(reserve): \(error)")
        }
        remember(false)
    }

    private func promised() async throws(StorageFailure) -> Int64 {
        guard try await storage.exists(reserve) else { return 0 }
        return try await storage.properties(["reservation"], of: reserve)
            .number("reservation", of: reserve) ?? 0
    }

    private func remember(_ hasReserve: Bool) {
        known = (hasReserve, .now + Self.memory)
    }
}
