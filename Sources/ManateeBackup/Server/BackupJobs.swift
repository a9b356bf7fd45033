import FoundationEssentials
import Logging
import ManateeCore
import ManateePorts

/// The jobs of a backup server: a bounded number of running ones, and what became of the others.
actor BackupJobs {
    /// How often receivers that fell silent are looked for, and senders give a sign of life.
    private static let tick = Duration.seconds(1)
    /// How many jobs that are over are remembered.
    private static let mostRemembered = 100

    private let storage: any DataStorage
    private let settings: BackupServer.Settings
    private let window: FrameWindow.Limits
    private let logger: Logger
    private var jobs: [(id: String, job: BackupJob)] = []
    /// The numbers of the holds that are taken; nil once the server ends.
    private var slots: Set<Int>? = []
    private let starts: AsyncStream<Start>
    private let starting: AsyncStream<Start>.Continuation

    private struct Start: Sendable {
        var job: BackupJob
        var slot: Int
        /// The snapshot that was taken for this job only.
        var taken: SnapshotName?
    }

    init(
        storage: any DataStorage,
        settings: BackupServer.Settings,
        window: FrameWindow.Limits,
        logger: Logger
    ) {
        self.storage = storage
        self.settings = settings
        self.window = window
        self.logger = logger
        (starts, starting) = AsyncStream.makeStream(of: Start.self)
    }

    // MARK: Requests

    /// Begins a job.
    ///
    /// - Throws: `BackupRefusal`.
    func begin(_ request: BackupBodies.Request) async throws(BackupRefusal) -> BackupJob {
        guard let slot = try freeSlot() else {
            throw BackupRefusal(
                .tooManyJobs,
                "\(settings.jobLimit) transfers run already: try again later, or another peer"
            )
        }
        slots?.insert(slot)
        let offer: CopyOffer
        let taken: SnapshotName?
        do {
            (offer, taken) = try await prepare(request, slot: slot)
        } catch {
            slots?.remove(slot)
            throw error
        }
        // The server may have ended while the storage was asked.
        guard slots != nil else {
            await release(offer, slot: slot)
            if let taken { await destroy(taken) }
            throw BackupRefusal(.ending, "the backup server ends")
        }
        let job = BackupJob(offer, for: request.copy, window: window, now: .now)
        jobs.append((offer.job, job))
        starting.yield(Start(job: job, slot: slot, taken: taken))
        logger.info("backup begins", metadata: Self.metadata(job))
        return job
    }

    /// The job of this name, whose receiver thereby gives a sign of life.
    func job(_ id: String) -> BackupJob? {
        let job = jobs.first { $0.id == id }?.job
        job?.seen(at: .now)
        return job
    }

    /// All jobs that are known, oldest first.
    var resources: [JSONValue] { jobs.map(\.job.resource) }

    /// The receiver's word about a job.
    func close(_ job: BackupJob, _ verdict: BackupBodies.Verdict) {
        switch verdict {
        case .received: job.end(.done, at: .now)
        case .failed(let reason): job.end(.failed("the receiver failed: \(reason)"), at: .now)
        }
    }

    private func freeSlot() throws(BackupRefusal) -> Int? {
        guard let slots else { throw BackupRefusal(.ending, "the backup server ends") }
        return (0..<settings.jobLimit).first { !slots.contains($0) }
    }

    // MARK: Preparing

    private func prepare(
        _ request: BackupBodies.Request,
        slot: Int
    ) async throws(BackupRefusal) -> (CopyOffer, taken: SnapshotName?) {
        do {
            let able = try await storage.capabilities()
            try checkVersions(request, able)
            let taken = request.copy.isFresh ? try await takeSnapshot(able) : nil
            let all = try await storage.snapshots()
            let plan = BackupPlan(
                all,
                having: request.copy.having,
                canSendDifferences: able.incrementalSend
            )
            guard let plan else {
                throw BackupRefusal(
                    .noSnapshot,
                    "there is no snapshot of \(storage.dataPath): ask for a fresh one, or wait for"
                        + " the snapshotter"
                )
            }
            let offer = CopyOffer(
                job: UUID().uuidString.lowercased(),
                snapshot: plan.snapshot.name,
                base: plan.base,
                size: plan.size,
                postgresVersion: postgresVersion
            )
            try await hold(offer, slot: slot)
            return (offer, taken)
        } catch let failure as StorageFailure {
            throw BackupRefusal(failure)
        } catch let refusal as BackupRefusal {
            throw refusal
        } catch {
            throw BackupRefusal(.storageFailed, "\(error)")
        }
    }

    private func checkVersions(
        _ request: BackupBodies.Request,
        _ able: StorageCapabilities
    ) throws(BackupRefusal) {
        guard able.snapshots else {
            throw BackupRefusal(
                .noSnapshot,
                "\(storage.dataPath) has no snapshots: copy it with pg_basebackup"
            )
        }
        if let format = request.streamFormat, format != able.streamFormat {
            throw BackupRefusal(
                .wrongVersion,
                "streams are of format \(able.streamFormat) here, and \(format) at the receiver:"
                    + " peers that copy from each other need the same kind of storage"
            )
        }
        if let wanted = request.copy.postgresVersion, let here = postgresVersion, wanted != here {
            throw BackupRefusal(
                .wrongVersion,
                "the data here is of PostgreSQL \(here), the receiver runs \(wanted)"
            )
        }
    }

    /// A snapshot of this moment.
    ///
    /// - Returns: its name; nil if somebody else took it.
    private func takeSnapshot(_ able: StorageCapabilities) async throws -> SnapshotName? {
        guard able.atomicSnapshots else {
            throw BackupRefusal(
                .noSnapshot,
                "a fresh snapshot of \(storage.dataPath) is only possible while postgres is stopped"
            )
        }
        let name = SnapshotName(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        do {
            try await storage.takeSnapshot(name)
            return name
        } catch {
            // Another snapshot of this very millisecond is as fresh.
            guard error.kind == .exists else { throw error }
            return nil
        }
    }

    /// The version that wrote the data; the original keeps it one directory below.
    private var postgresVersion: Int? {
        for folder in [storage.dataPath, storage.dataPath + "/data"] {
            // No file, no version.
            let text = try? String(contentsOfFile: folder + "/PG_VERSION", encoding: .utf8)
            if let version = text.flatMap({ Int($0.prefix { $0.isNumber }) }) { return version }
        }
        return nil
    }

    // MARK: Holds

    private static func tag(_ slot: Int) -> String { "backup.\(slot)" }

    private static func held(_ offer: CopyOffer) -> Set<SnapshotName> {
        Set([offer.snapshot] + (offer.base.map { [$0] } ?? []))
    }

    private func hold(_ offer: CopyOffer, slot: Int) async throws(StorageFailure) {
        do {
            for name in Self.held(offer) { try await storage.hold(name, tag: Self.tag(slot)) }
        } catch {
            await release(offer, slot: slot)
            throw error
        }
    }

    private func release(_ offer: CopyOffer, slot: Int) async {
        for name in Self.held(offer) { await release(name, slot: slot) }
    }

    private func release(_ name: SnapshotName, slot: Int) async {
        do {
            try await storage.release(name, tag: Self.tag(slot))
        } catch {
            guard error.kind != .missing else { return }
            logger.warning(
                "hold stays until the next start",
                metadata: ["storage.snapshot": "\(name)", "error": "\(error)"]
            )
        }
    }

    /// Destroys a snapshot that was taken for one job.
    private func destroy(_ name: SnapshotName) async {
        do {
            try await storage.destroySnapshot(name)
        } catch {
            // Another job sends it, or it went aside with its data.
            guard ![.held, .missing].contains(error.kind) else { return }
            logger.warning(
                "snapshot of a failed backup stays",
                metadata: ["storage.snapshot": "\(name)", "error": "\(error)"]
            )
        }
    }

    /// Ends the holds of a server that was killed: nobody else uses their tags.
    private func releaseLeftovers() async {
        var held: [SnapshotName]
        do {
            held = try await storage.snapshots().filter { $0.holds > 0 }.map(\.name)
            held += try await storage.isolated().flatMap(\.held)
        } catch {
            logger.warning("holds cannot be looked at", metadata: ["error": "\(error)"])
            return
        }
        for name in held {
            for slot in 0..<BackupServer.Settings.mostJobs {
                await release(name, slot: slot)
            }
        }
    }

    // MARK: Running

    /// Carries jobs out until it is cancelled; then all of them are over, and nothing is held.
    func run() async {
        await releaseLeftovers()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watch() }
            for await start in starts {
                group.addTask { await self.carryOut(start) }
            }
            slots = nil
            starting.finish()
            endAll("the backup server ends")
        }
    }

    private func carryOut(_ start: Start) async {
        let job = start.job
        let limits = [settings.bytesPerSecond, job.copy.bytesPerSecond].compactMap { $0 }
        await withDiscardingTaskGroup { group in
            group.addTask { [storage] in
                await job.send(from: storage, bytesPerSecond: limits.min())
            }
            for await _ in job.over {}
            // Cancelled, or over: the sender is of no use any more, and a connection may only take what
            // is left, which can be the reason.
            job.end(.failed("the backup server ends"), at: .now)
            job.window.seal()
            group.cancelAll()
        }
        await release(job.offer, slot: start.slot)
        // Nobody has what it came to nothing with: kept, each attempt would leave one more.
        if case .failed = job.phase, let taken = start.taken { await destroy(taken) }
        slots?.remove(start.slot)
        log(job)
    }

    /// Ends jobs whose receivers fell silent, and forgets old ones.
    private func watch() async {
        while !Task.isCancelled {
            let now = ContinuousClock.now
            for (_, job) in jobs where !job.phase.isOver {
                job.window.tick()
                guard job.isSilent(since: now - settings.expiry) else { continue }
                job.end(.failed("the receiver was silent for \(settings.expiry)"), at: now)
            }
            for (_, job) in jobs {
                guard let since = job.overSince, since < now - settings.expiry else { continue }
                job.window.close()
            }
            jobs.removeAll { _, job in
                job.overSince.map { $0 < now - settings.remembered } ?? false
            }
            while jobs.count > Self.mostRemembered,
                let oldest = jobs.firstIndex(where: { $0.job.phase.isOver })
            {
                jobs.remove(at: oldest)
            }
            // Its only error is the cancellation that the loop asks for.
            try? await Task.sleep(for: Self.tick)
        }
    }

    private func endAll(_ reason: String) {
        for (_, job) in jobs { job.end(.failed(reason), at: .now) }
    }

    private func log(_ job: BackupJob) {
        var metadata = Self.metadata(job)
        metadata["backup.bytes"] = "\(job.completed)"
        switch job.phase {
        case .failed(let reason):
            metadata["reason"] = "\(reason)"
            logger.warning("backup failed", metadata: metadata)
        case .done, .sending, .sent:
            logger.info("backup received", metadata: metadata)
        }
    }

    private static func metadata(_ job: BackupJob) -> Logger.Metadata {
        [
            "backup.job": "\(job.offer.job)", "storage.snapshot": "\(job.offer.snapshot)",
            "storage.base": "\(job.offer.base?.text ?? "-")",
        ]
    }
}
