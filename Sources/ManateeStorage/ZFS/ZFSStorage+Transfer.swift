import FoundationEssentials
import Logging
import ManateePorts

extension ZFSStorage {
    func send<Result: Sendable>(
        _ name: SnapshotName,
        since base: SnapshotName?,
        _ body: @Sendable (any StorageStream) async throws -> Result
    ) async throws -> Result {
        let names = try await listed(dataset).map(\.name)
        for needed in [name] + (base.map { [$0] } ?? []) where !names.contains(needed.text) {
            throw missing(needed)
        }
        let command = commands.send(full(name), since: base.map(full))
        return try await StreamRunner(kind: ZFSMessage.kind).send(command, body)
    }

    func receive(
        _ name: SnapshotName,
        since base: SnapshotName?,
        from stream: any StorageStream
    ) async throws {
        if let base {
            try await receiveDifference(name, since: base, from: stream)
        } else {
            try await receiveWhole(name, from: stream)
        }
    }

    /// Under another name until it is complete.
    private func receiveWhole(_ name: SnapshotName, from stream: any StorageStream) async throws {
        guard try await !exists() else {
            throw StorageFailure(
                .exists,
                "cannot receive \(full(name)): \(dataset) exists; set it aside first"
            )
        }
        let container = "\(parent)/incoming"
        let incoming = "\(container)/\(TransientName.make("receive"))"
        try await makeContainer(container)
        do {
            try await StreamRunner(kind: ZFSMessage.kind).receive(
                commands.receive("\(incoming)@\(name)", ontoExisting: false),
                from: stream,
                checking: NoStreamCheck()
            )
            try await run(commands.set("canmount", "noauto", of: incoming))
            try await runWhenFree(commands.rename(incoming, to: dataset))
        } catch {
            await removeIncoming(incoming)
            throw error
        }
        logger.info("data received", metadata: ["storage.snapshot": "\(full(name))"])
    }

    /// Removes what is not complete; what stays goes with the next sweep, and never hides the cause.
    private func removeIncoming(_ incoming: String) async {
        var attempts = 0
        while true {
            attempts += 1
            do {
                if try await exists(incoming) { try await destroyTransient(incoming) }
                return
            } catch {
                // A receiver on its way out keeps it busy for a moment, and removes it itself.
                if error.kind == .missing { return }
                guard error.kind == .inUse, attempts < Self.removalAttempts else {
                    logger.warning(
                        "leftover stays",
                        metadata: ["storage.dataset": "\(incoming)", "error": "\(error)"]
                    )
                    return
                }
            }
            // Cancelled or not, it has to go; the commands take their time, too.
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    /// How often the removal of a half is tried, about a tenth of a second apart.
    private static var removalAttempts: Int { 50 }

    /// `zfs receive` applies a difference wholly or not at all.
    private func receiveDifference(
        _ name: SnapshotName,
        since base: SnapshotName,
        from stream: any StorageStream
    ) async throws {
        guard try await listed(dataset).last?.name == base.text else {
            throw StorageFailure(
                .noCommonSnapshot,
                "cannot receive what \(full(name)) has more than \(base): \(base) is not the newest"
                    + " snapshot of \(dataset); roll back to it first"
            )
        }
        try ProcessUse.requireUnused(settings.mountpoint, mountedTree: true)
        try await StreamRunner(kind: ZFSMessage.kind).receive(
            commands.receive(full(name), ontoExisting: true),
            from: stream,
            checking: NoStreamCheck()
        )
        logger.info("difference received", metadata: ["storage.snapshot": "\(full(name))"])
    }

    // MARK: Setting aside

    var isolatedContainer: String { "\(parent)/isolated" }

    func isolate(_ reason: IsolationReason) async throws(StorageFailure) -> String? {
        guard try await exists() else { return nil }
        let names = try await isolatedNames()
        try IsolatedName.requireRoom(for: names, kept: settings.isolatedKept)
        let name = IsolatedName.make(reason, at: Date())
        try await makeContainer(isolatedContainer)
        try await ProcessUse.awaitUnused(settings.mountpoint, mountedTree: true)
        try await run(commands.set("canmount", "noauto", of: dataset))
        try await unmount(dataset)
        let aside = "\(isolatedContainer)/\(name)"
        do {
            try await runWhenFree(commands.rename(dataset, to: aside))
        } catch {
            await mountAgain()
            throw error
        }
        try await run(commands.inherit("mountpoint", of: aside))
        logger.info("data set aside", metadata: ["storage.isolated": "\(name)"])
        return name
    }

    /// Takes back the unmount of data that cannot be set aside; what went wrong first is told.
    private func mountAgain() async {
        do {
            try await run(commands.mount(dataset))
        } catch {
            logger.warning(
                "data set stays unmounted until it is prepared",
                metadata: ["storage.dataset": "\(dataset)", "error": "\(error)"]
            )
        }
    }

    func isolated() async throws(StorageFailure) -> [IsolatedData] {
        var found: [IsolatedData] = []
        for name in try await isolatedNames() {
            do throws(StorageFailure) {
                found.append(try await isolated(name))
            } catch  where error.kind == .missing {
                // Destroyed since the names were read.
                continue
            }
        }
        return found
    }

    private func isolated(_ name: String) async throws(StorageFailure) -> IsolatedData {
        let full = "\(isolatedContainer)/\(name)"
        let facts = try await properties(["used"], of: full)
        let held = try await listed(full).filter { $0.facts.holds > 0 }
        return IsolatedData(
            name: name,
            bytes: facts.number("used", of: full),
            held: held.compactMap { SnapshotName($0.name) }
        )
    }

    func destroyIsolated(_ name: String) async throws(StorageFailure) {
        try IsolatedName.require(name)
        let full = "\(isolatedContainer)/\(name)"
        guard try await exists(full) else {
            throw StorageFailure(.missing, "there is no \(full)")
        }
        guard try MountTable.current().ofDataset(full).isEmpty else {
            throw StorageFailure(.inUse, "\(full) is mounted: unmount it, then try again")
        }
        try await requireDisposable(try await listed(full), of: full)
        try await runWhenFree(commands.destroyAll(full))
        logger.info("isolated data destroyed", metadata: ["storage.isolated": "\(name)"])
    }

    private func isolatedNames() async throws(StorageFailure) -> [String] {
        guard try await exists(isolatedContainer) else { return [] }
        return try await childNames(of: isolatedContainer)
            .sorted { IsolatedName.moment($0) < IsolatedName.moment($1) }
    }
}
