package import Logging
package import ManateePorts
import ServiceLifecycle

/// Sees how many snapshots of the data there are, and how old the newest is.
///
/// They are taken by another program, whose silence shows here.
package actor SnapshotWatch: Service {
    private let storage: any DataStorage
    private let interval: Duration
    private let logger: Logger

    /// What was seen last; nil before the first look, and after one that failed.
    package private(set) var status: SnapshotStatus?

    /// A watch over the snapshots in `storage`.
    package init(
        storage: any DataStorage,
        interval: Duration = .seconds(30),
        logger: Logger
    ) {
        self.storage = storage
        self.interval = interval
        self.logger = logger
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

    /// Looks once.
    package func look() async {
        do {
            let snapshots = try await storage.exists() ? storage.snapshots() : []
            status = SnapshotStatus(
                count: snapshots.count,
                newestMilliseconds: snapshots.compactMap(\.name.milliseconds).max(),
                bytes: try await storage.space().usedBySnapshots
            )
        } catch {
            status = nil
            logger.debug("cannot list the snapshots", metadata: ["error": "\(error)"])
        }
    }
}
