package import Logging
package import ManateeCore
package import ManateePorts
import ServiceLifecycle

/// Sees the file system of the data fill up before postgres does, and lets the others carry on.
///
/// A peer whose room is critical says so in the election: to the others it is then as if it were
/// gone, so that they choose or keep those that have room. Nothing else changes: where nobody can
/// take its place, it goes on as long as it can.
package actor SpaceWatch: Service {
    private let room: any DataRoom
    private let election: any ElectionStanding
    private let isHealthy: @Sendable () async -> Bool
    private let interval: Duration
    private let logger: Logger
    private var gauge: SpaceGauge
    private var last: StorageSpace?
    /// What the store was told last; nil if nothing is outstanding.
    private var toAnnounce: Bool?
    private var reserveProblemTold = false

    /// A watch over `room`; `isHealthy` tells whether postgres answers.
    package init(
        limits: SpaceLimits,
        room: any DataRoom,
        election: any ElectionStanding,
        isHealthy: @escaping @Sendable () async -> Bool,
        interval: Duration = .seconds(1),
        logger: Logger
    ) {
        gauge = SpaceGauge(limits)
        self.room = room
        self.election = election
        self.isHealthy = isHealthy
        self.interval = interval
        self.logger = logger
    }

    /// What is known.
    package var status: SpaceStatus {
        get async {
            let hasReserve = await room.hasReserve()
            return SpaceStatus(level: gauge.level, space: last, hasReserve: hasReserve)
        }
    }

    /// Looks again and again until graceful shutdown or cancellation.
    package func run() async throws {
        await cancelWhenGracefulShutdown { [interval] in
            repeat {
                await self.look()
                // Fails only by cancellation, which ends the loop.
            } while (try? await Task.sleep(for: interval)) != nil
        }
    }

    /// Looks once, and does what follows from it.
    package func look() async {
        let space: StorageSpace
        do {
            space = try await room.space()
        } catch {
            logger.debug("cannot see the room of the data", metadata: ["error": "\(error)"])
            return
        }
        last = space
        let before = gauge.level
        if gauge.read(free: space.free, total: space.total) { tell(space) }
        let isCritical = gauge.level >= .critical
        // What was said of a disk that was nearly full is wrong of one that is full.
        let isFull = gauge.level == .exhausted && before < .exhausted
        if isFull || isCritical != (before >= .critical) { toAnnounce = isCritical }
        await announce(space)
        await tendReserve()
    }

    private func announce(_ space: StorageSpace) async {
        guard let isShort = toAnnounce else { return }
        do {
            try await election.announce(shortage: isShort ? space.shortage : nil)
            toAnnounce = nil
        } catch {
            logger.debug("cannot tell of the room yet", metadata: ["error": "\(error)"])
        }
    }

    /// The reserve serves recovery, not applications: it goes only when postgres does not get along.
    private func tendReserve() async {
        do {
            switch gauge.level {
            case .exhausted:
                guard await room.hasReserve(), await !isHealthy() else { return }
                try await room.releaseReserve()
                logger.warning("the reserve is released, so that postgres can recover")
            case .enough:
                // While a copy comes, or the data is put elsewhere, nothing of ours may be in the way.
                guard await !room.hasReserve(), await isHealthy() else { return }
                try await room.makeReserve()
                reserveProblemTold = false
            case .low, .critical:
                break
            }
        } catch {
            guard !reserveProblemTold else { return }
            reserveProblemTold = true
            logger.warning("there is no reserve", metadata: ["error": "\(error)"])
        }
    }

    private func tell(_ space: StorageSpace) {
        let metadata: Logger.Metadata = [
            "storage.free": "\(space.free)", "storage.total": "\(space.total)",
            "storage.read-only": "\(space.isReadOnly)",
        ]
        switch gauge.level {
        case .enough: logger.info("there is enough room for the data", metadata: metadata)
        case .low: logger.warning("room for the data gets low", metadata: metadata)
        case .critical, .exhausted:
            logger.error(
                "there is too little room for the data: other peers are preferred",
                metadata: metadata
            )
        }
    }
}
