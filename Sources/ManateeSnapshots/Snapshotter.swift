package import Logging
package import ManateePorts
import ServiceLifecycle

/// Takes snapshots of the data at a steady pace, and destroys those that have to go.
///
/// What it cannot do now it says, and tries again: nothing that the storage does ends it.
package actor Snapshotter: Service {
    /// How often the room is looked at where it matters; snapshots that fill the disk cannot wait
    /// for the next one to be taken.
    static let spaceInterval = Duration.seconds(10)

    private let policy: RetentionPolicy
    private let period: Duration
    private let storage: any DataStorage
    private let health: (any DatabaseHealth)?
    private let now: @Sendable () -> Int64
    private let logger: Logger
    /// What could not be destroyed in the last round: it is told once.
    private var stuck: [SnapshotName] = []

    /// A snapshotter of `storage`.
    ///
    /// `period` is the time from one snapshot to the next; `health` is asked before each, nil takes
    /// them in any case; `now` is the time of day, in milliseconds since 1970.
    package init(
        policy: RetentionPolicy,
        period: Duration,
        storage: any DataStorage,
        health: (any DatabaseHealth)?,
        now: @escaping @Sendable () -> Int64,
        logger: Logger
    ) {
        self.policy = policy
        self.period = period
        self.storage = storage
        self.health = health
        self.now = now
        self.logger = logger
    }

    /// Runs until graceful shutdown or cancellation.
    package func run() async throws {
        await cancelWhenGracefulShutdown { await self.work() }
    }

    private func work() async {
        await withTaskGroup { group in
            group.addTask { await self.takeRegularly() }
            group.addTask { await self.expireRegularly() }
        }
    }

    private func takeRegularly() async {
        let clock = ContinuousClock()
        var next = clock.now
        repeat {
            await take()
            next += period
            // A round that took longer than a period does not lead to a burst of others.
            if next < clock.now { next = clock.now + period }
        } while await pause(until: next)
    }

    private func expireRegularly() async {
        let clock = ContinuousClock()
        let interval = policy.minimumFree == nil ? period : min(period, Self.spaceInterval)
        repeat { await expire() } while await pause(until: clock.now + interval)
    }

    /// False if the task was cancelled.
    private func pause(until instant: ContinuousClock.Instant) async -> Bool {
        do {
            try await Task.sleep(until: instant, clock: .continuous)
            return true
        } catch {
            return false
        }
    }

    // MARK: Taking

    /// Takes one snapshot, if the database is well and there is room.
    package func take() async {
        do {
            guard try await storage.exists(), try await isPossible() else { return }
            if let problem = await health?.problem() {
                logger.warning(
                    "no snapshot taken: the database is not well",
                    metadata: ["reason": "\(problem)"]
                )
                return
            }
            let space = try await storage.space()
            guard !policy.isLow(space) else {
                logger.warning(
                    "no snapshot taken: there is too little room",
                    metadata: ["storage.free": "\(space.free)", "storage.total": "\(space.total)"]
                )
                return
            }
            let name = SnapshotName(milliseconds: now())
            try await storage.takeSnapshot(name)
            logger.info("snapshot taken", metadata: ["snapshot": "\(name)"])
        } catch {
            logger.warning("cannot take a snapshot", metadata: ["error": "\(error)"])
        }
    }

    /// Whether a snapshot taken now would be of one moment.
    private func isPossible() async throws(StorageFailure) -> Bool {
        let able = try await storage.capabilities()
        guard able.snapshots, able.atomicSnapshots else {
            logger.debug("no snapshot taken: the storage has none of one moment")
            return false
        }
        return true
    }

    // MARK: Destroying

    /// Destroys what has to go, as far as that is possible now.
    package func expire() async {
        do {
            guard try await storage.exists() else { return }
            let snapshots = try await storage.snapshots()
            let space = policy.minimumFree == nil ? nil : try await storage.space()
            await carryOut(policy.plan(for: snapshots, at: now(), space: space))
        } catch {
            logger.warning("cannot look for old snapshots", metadata: ["error": "\(error)"])
        }
    }

    private func carryOut(_ plan: RetentionPlan) async {
        var failed: [SnapshotName] = []
        for name in plan.aged where !(await destroy(name, .age)) { failed.append(name) }
        let aged = failed.count
        var destroyed = 0
        for name in plan.candidates {
            if destroyed >= plan.excess || failed.count - aged >= plan.excess { break }
            if await destroy(name, plan.cause) { destroyed += 1 } else { failed.append(name) }
        }
        tell(failed, of: plan)
    }

    private func destroy(_ name: SnapshotName, _ cause: RetentionPlan.Cause) async -> Bool {
        do {
            try await storage.destroySnapshot(name)
            logger.info(
                "snapshot destroyed",
                metadata: ["snapshot": "\(name)", "reason": "\(cause.rawValue)"]
            )
            return true
        } catch {
            if error.kind == .missing { return true }
            if !stuck.contains(name) {
                logger.warning(
                    "cannot destroy a snapshot",
                    metadata: ["snapshot": "\(name)", "error": "\(error)"]
                )
            }
            return false
        }
    }

    private func tell(_ failed: [SnapshotName], of plan: RetentionPlan) {
        defer { stuck = failed }
        guard !failed.isEmpty, failed != stuck else { return }
        let total = plan.aged.count + plan.candidates.count
        if failed.count == total {
            logger.critical(
                "no snapshot can be destroyed: they will fill the disk",
                metadata: ["snapshots": "\(failed.count)"]
            )
        } else {
            logger.error(
                "snapshots stay that had to go",
                metadata: ["snapshots": "\(failed.count)"]
            )
        }
    }
}
