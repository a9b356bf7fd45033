import Foundation
import Logging
import ManateeCore
import ManateePorts

/// What goes on beside the calls of the port.
extension PostgresServer {
    /// Drives the watches until the task is cancelled; the server itself goes on running.
    package func run() async {
        await withTaskGroup { group in
            if let guardKeeper { group.addTask { await guardKeeper.run() } }
            group.addTask { await self.watchHealth() }
            group.addTask { await self.watchGate() }
            group.addTask { await self.watchUpstream() }
            group.addTask { await self.watchSync() }
            group.addTask { await self.watchForCrashes() }
            group.addTask { await self.writeCheckpoints() }
            group.addTask { await self.watchForRebuild() }
            group.addTask { await self.watchIsolated() }
        }
    }

    /// Sleeps; false if the task was cancelled.
    static func pause(_ duration: Duration) async -> Bool {
        do {
            try await Task.sleep(for: duration)
            return true
        } catch {
            return false
        }
    }

    // MARK: Health

    private func watchHealth() async {
        let clock = ContinuousClock()
        var lastSuccess = clock.now
        var session: PostgresConnection?
        repeat {
            do {
                guard isRunning else { throw PostgresFailure(.other, "postgres is not running") }
                let open: PostgresConnection
                if let session {
                    open = session
                } else {
                    open = try await PostgresConnection.open(
                        localTarget("manatee_health"),
                        within: settings.healthCheckTimeout
                    )
                    session = open
                }
                let rows = try await open.query(
                    HealthCheck.server,
                    within: settings.healthCheckTimeout
                )
                let downstreams = try await open.query(
                    HealthCheck.downstreams,
                    within: settings.healthCheckTimeout
                )
                let waiting = try await open.query(
                    Self.pendingRestart,
                    within: settings.healthCheckTimeout
                )
                lastSuccess = clock.now
                if isHung || isRestarting && (gateOpen || role != .primary) {
                    (isHung, isRestarting) = (false, false)
                    eventSink.yield(.answers)
                }
                health.healthy = true
                health.error = nil
                health.lastCheckMilliseconds = Int64(Date().timeIntervalSince1970 * 1000)
                health.pendingRestart = waiting.compactMap { $0.first.flatMap(\.self) }
                health.position = HealthCheck.position(rows.first) ?? health.position
                health.replication = HealthCheck.replication(rows.first, downstreams)
            } catch {
                await session?.close()
                session = nil
                health.error = "\(error)"
                if !isRunning || clock.now - lastSuccess >= settings.healthCheckTimeout {
                    health.healthy = false
                    noteHang(since: clock.now - lastSuccess)
                }
            }
        } while await Self.pause(settings.healthCheckInterval)
        await session?.close()
    }

    /// Tells once that a running server does not answer any more.
    ///
    /// One that was never seen to answer, or that somebody works on, may need its time.
    private func noteHang(since silence: Duration) {
        guard isRunning, !isHung, callsUnderWay == 0, health.lastCheckMilliseconds != nil,
            silence >= settings.healthCheckTimeout
        else { return }
        isHung = true
        eventSink.yield(.hung("no answer within \(settings.healthCheckTimeout)"))
    }

    // MARK: Gate

    private func watchGate() async {
        for await _ in openingSignals {
            while opening != nil {
                do {
                    try await openIfSafe()
                } catch {
                    logger.debug("cannot open the gate yet", metadata: ["error": "\(error)"])
                }
                guard await Self.pause(.milliseconds(10)) else { return }
            }
        }
    }

    /// Sees the postmaster of a primary restart itself after the crash of a backend.
    private func watchForCrashes() async {
        for await _ in primarySignals {
            while role == .primary {
                await closeGateAfterNextCrash()
                guard await Self.pause(.milliseconds(50)) else { return }
            }
        }
    }

    /// Holds a session until it ends, and closes the gate before the server admits anybody again.
    private func closeGateAfterNextCrash() async {
        guard let process, process.exit == nil else { return }
        do {
            let sentinel = try await PostgresConnection.open(localTarget("manatee_sentinel"))
            await sentinel.waitForEnd()
        } catch {
            return
        }
        // All this may have changed while the session lasted.
        guard !Task.isCancelled, role == .primary, process.exit == nil, !process.isEndExpected
        else { return }
        if await othersSurvived() { return }
        // One that has ended meanwhile says so itself; it does not come back by itself.
        guard process.exit == nil else { return }
        do {
            try closeGateAfterCrash()
        } catch {
            logger.error("cannot close the gate", metadata: ["error": "\(error)"])
        }
    }

    /// Whether only the sentinel's session was ended, and not all of them.
    ///
    /// A postmaster that is restarting itself ends all sessions before it looks at a new connection,
    /// and refuses that; so a new one that is admitted, with an old one that still answers, shows
    /// that nothing happened.
    private func othersSurvived() async -> Bool {
        do {
            let fresh = try await PostgresConnection.open(
                localTarget("manatee_sentinel"),
                within: .seconds(1)
            )
            await fresh.close()
        } catch {
            return false
        }
        guard let control else { return false }
        return await control.isAlive
    }

    // MARK: Upstream

    private func watchUpstream() async {
        let clock = ContinuousClock()
        var streamed = clock.now
        while await Self.pause(.milliseconds(500)) {
            guard case .standby(let standby) = role, callsUnderWay == 0, isRunning else {
                streamed = clock.now
                continue
            }
            do {
                let rows = try await ask("select status from pg_stat_wal_receiver")
                if rows.first?.first == "streaming" {
                    streamed = clock.now
                    continue
                }
                guard clock.now - streamed >= settings.followTimeout else { continue }
                streamed = clock.now
                guard let reason = try await whyNotFollowing(standby.upstream) else { continue }
                guard role == .standby(standby), callsUnderWay == 0 else { continue }
                logger.warning("cannot follow", metadata: ["reason": "\(reason)"])
                if reason.needsCopy { copyNeeded = reason.reason }
                await stop(.fast)
                eventSink.yield(.lost("cannot follow \(standby.upstream): \(reason)"))
            } catch {
                logger.debug("cannot watch the upstream", metadata: ["error": "\(error)"])
            }
        }
    }

    // MARK: Checkpoints

    private func writeCheckpoints() async {
        for await _ in checkpointSignals {
            do {
                let session = try await PostgresConnection.open(localTarget("manatee_checkpoint"))
                _ = try await session.query("checkpoint", within: .seconds(3600))
                await session.close()
            } catch {
                logger.warning("cannot write a checkpoint", metadata: ["error": "\(error)"])
            }
        }
    }
}
