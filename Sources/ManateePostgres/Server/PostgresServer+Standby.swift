import Glibc
import Logging
import ManateeCore

/// Why a standby does not follow, found out beyond doubt.
struct CannotFollow: Error, CustomStringConvertible {
    /// What was seen.
    var reason: String
    /// Whether only a new copy helps.
    var needsCopy: Bool

    var description: String { reason }
}

/// Becoming and being a standby.
extension PostgresServer {
    /// Brings the server to following an upstream, from whatever it is.
    func becomeStandby(_ standby: PostgresConfiguration.Standby) async throws {
        for peer in [standby.upstream, standby.source, standby.successor] {
            if let peer { peerAddresses.insert(peer.ip) }
        }
        let successor = standby.successor.map { ServerParameters.name($0.id) }
        parameters.standbyNames = ServerParameters.quotedNames(successor ?? ServerParameters.fence)
        parameters.upstream = upstreamText(standby.upstream)
        opening = nil
        opened = nil
        if isRunning {
            if role == .primary {
                // Not in order: a shutdown checkpoint would be one more record that nobody has.
                await stop(.immediate)
            } else {
                try await awaitConnections()
                if try await value(of: "select pg_is_in_recovery()") != "t" {
                    await stop(.immediate)
                }
            }
        }
        if isRunning, copyNeeded == nil {
            do {
                try await follow(standby)
                return
            } catch let reason as CannotFollow {
                logger.warning("cannot follow", metadata: ["reason": "\(reason)"])
                await stop(.fast)
                if reason.needsCopy { copyNeeded = reason.reason }
            }
        }
        if isRunning { await stop(.fast) }
        try await startAsStandby(standby)
    }

    /// A running standby takes another upstream or successor, by a reload only.
    private func follow(_ standby: PostgresConfiguration.Standby) async throws {
        if try writeFiles() {
            try await reload()
            // It may sleep between two attempts to reach the old upstream.
            if let startup = try await startupProcess() { kill(startup, SIGHUP) }
        }
        role = .standby(standby)
        if standby.mustStream {
            try await awaitStreaming(from: standby.upstream)
            try await expectLog(of: standby)
        }
        try await admitReaders()
    }

    private func admitReaders() async throws {
        guard !gateOpen else { return }
        gateOpen = true
        try await applyFiles()
    }

    private func startAsStandby(_ standby: PostgresConfiguration.Standby) async throws {
        var plan = try await planRejoin(as: standby)
        var way = plan.ways.removeFirst()
        while true {
            do {
                try await take(way, of: plan, as: standby)
            } catch let closed as WayClosed where !plan.ways.isEmpty {
                logger.warning(
                    "this way is closed",
                    metadata: ["way": "\(way)", "reason": "\(closed)", "next": "\(plan.ways[0])"]
                )
                way = plan.ways.removeFirst()
                continue
            } catch let closed as WayClosed {
                throw PostgresFailure(.other, closed.description)
            }
            let mustStream = standby.mustStream || way != .follow
            // A copy that may not be right yet shows itself to nobody.
            gateOpen = !mustStream
            try writeFiles()
            try files.write("", to: directory.standbySignal)
            do {
                try await startAndFollow(standby, mustStream: mustStream)
                break
            } catch let failure as CannotFollow where way != .follow && !plan.ways.isEmpty {
                await stop(.fast)
                logger.warning(
                    "the copy does not follow",
                    metadata: ["way": "\(way)", "why": "\(failure)", "next": "\(plan.ways[0])"]
                )
                plan.reason = failure.reason
                way = plan.ways.removeFirst()
            } catch let failure as CannotFollow {
                await stop(.fast)
                if failure.needsCopy { copyNeeded = failure.reason }
                throw PostgresFailure(.other, failure.reason)
            }
        }
        role = .standby(standby)
        try await admitReaders()
        if plan.isRequested { try endRebuildRequest() }
        guard standby.mustStream || way != .follow else { return }
        failedCopies = 0
        await dropSetAside()
    }

    private func startAndFollow(
        _ standby: PostgresConfiguration.Standby,
        mustStream: Bool
    ) async throws {
        do {
            try await start()
        } catch let failure as PostgresFailure where mustStream && failure.kind == .other {
            throw CannotFollow(reason: failure.detail, needsCopy: true)
        }
        role = .standby(standby)
        if mustStream { try await awaitStreaming(from: standby.upstream) }
        if standby.mustStream { try await expectLog(of: standby) }
    }

    /// How to reach an upstream, as the server wants it; the password is in the passfile.
    private func upstreamText(_ peer: Peer) -> String {
        ConnectionString.text([
            ("host", peer.ip), ("port", String(peer.postgresPort)), ("user", Secrets.replicator),
            ("passfile", settings.passfile),
            ("application_name", ServerParameters.name(settings.peer)),
            ("connect_timeout", String(max(2, settings.connectTimeout.components.seconds))),
            ("gssencmode", "disable"), ("keepalives_idle", "5"), ("keepalives_interval", "2"),
            ("keepalives_count", "3"),
        ])
    }

    // MARK: Streaming

    /// Another peer's server, with replication commands and SQL.
    func target(_ peer: Peer) -> ConnectionTarget {
        ConnectionTarget(
            host: peer.ip,
            port: peer.postgresPort,
            user: Secrets.replicator,
            credential: .passfile(settings.passfile),
            applicationName: "manatee_probe",
            replication: true
        )
    }

    /// Connects to another peer's server.
    ///
    /// - Throws: `sourceUnreachable` if it does not let us in.
    func openSession(with peer: Peer) async throws -> PostgresConnection {
        try files.write(settings.secrets.passfile, to: settings.passfile)
        do {
            return try await PostgresConnection.open(
                target(peer),
                within: settings.connectTimeout
            )
        } catch PostgresError.cancelled {
            throw CancellationError()
        } catch {
            throw PostgresFailure(.sourceUnreachable, "\(error)")
        }
    }

    /// Asks another peer about its copy of the log.
    func logCopy(of peer: Peer) async throws -> LogCopy {
        let session = try await openSession(with: peer)
        do {
            let copy = try await LogCopy(askedOf: session)
            await session.close()
            return copy
        } catch PostgresError.cancelled {
            throw CancellationError()
        } catch {
            await session.close()
            throw PostgresFailure(.sourceUnreachable, "\(error)")
        }
    }

    /// Waits until the standby streams and has replayed what the upstream has now.
    ///
    /// - Throws: `CannotFollow` if it cannot, or gets nowhere for the operation timeout.
    private func awaitStreaming(from upstream: Peer) async throws {
        let clock = ContinuousClock()
        var goal: LSN?
        var last: String?
        var lastProgress = clock.now
        var lastProbe = clock.now
        while true {
            if let exit = process?.exit {
                throw CannotFollow(
                    reason: "postgres \(exit) while catching up: \(serverLog.tail())",
                    needsCopy: true
                )
            }
            if goal == nil { goal = try await logCopy(of: upstream).sample.end.lsn }
            let row = try await ask(
                """
                select (select status from pg_stat_wal_receiver) = 'streaming',
                pg_last_wal_replay_lsn() >= $1::pg_lsn,
                pg_last_wal_replay_lsn()::text || ' ' || coalesce(pg_last_wal_receive_lsn()::text, '')
                """,
                [goal?.description]
            ).first
            if row?[0] == "t", row?[1] == "t" { return }
            let now = clock.now
            if row?[2] != last || row?[2] == nil {
                last = row?[2]
                lastProgress = now
            }
            if row?[0] != "t", now - lastProbe > settings.followTimeout {
                lastProbe = now
                if let reason = try await whyNotFollowing(upstream) { throw reason }
            }
            if now - lastProgress > settings.operationTimeout {
                throw CannotFollow(
                    reason: "stays at \(last ?? "an unknown position") while \(upstream) is at "
                        + "\(goal?.description ?? "an unknown one"): \(serverLog.tail())",
                    needsCopy: true
                )
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Looks for a reason why the running standby can never follow this upstream.
    ///
    /// - Returns: the reason; nil if there is none, or none can be found now.
    func whyNotFollowing(_ upstream: Peer) async throws -> CannotFollow? {
        let comparison: LogComparison
        do {
            comparison = try await compareLog(with: upstream)
        } catch let failure as PostgresFailure where failure.kind == .sourceUnreachable {
            return nil
        }
        switch comparison {
        case .undecided: return nil
        case .parted(let reason): return reason
        case .alike(let end): return try await whetherServed(upstream, from: end)
        }
    }

    /// How the running standby's log relates to another peer's.
    private enum LogComparison {
        /// One is the beginning of the other; where the own one ends.
        case alike(WALPosition)
        /// They part.
        case parted(CannotFollow)
        /// It cannot be told now.
        case undecided
    }

    private func compareLog(with peer: Peer) async throws -> LogComparison {
        let theirs = try await logCopy(of: peer)
        let session = try await PostgresConnection.open(localTarget("manatee", replication: true))
        let mine = try await LogCopy(askedOf: session)
        await session.close()
        guard mine.system == theirs.system else { return .undecided }
        let end = mine.sample.end
        let divergence = Divergence(
            own: mine.sample.history,
            endingOn: end.timeline,
            source: theirs.sample.history,
            endingOn: theirs.sample.end.timeline
        )
        switch divergence {
        case .none:
            return .alike(end)
        case .possible(let point) where end.lsn <= point.lsn:
            return .alike(end)
        case .possible(let point):
            return .parted(
                CannotFollow(
                    reason: "the own log went on to \(end), but \(peer) left that timeline at "
                        + "\(point.lsn)",
                    needsCopy: false
                )
            )
        case .certain(let point):
            // A peer that is itself a standby may only be late in following.
            if theirs.inRecovery, theirs.sample.end.timeline < end.timeline { return .undecided }
            return .parted(
                CannotFollow(
                    reason: "the own log (\(end)) and that of \(peer) part at \(point)",
                    needsCopy: false
                )
            )
        }
    }

    /// Sees that what streams is the primary's log: an upstream that itself parted from it streams, too.
    private func expectLog(of standby: PostgresConfiguration.Standby) async throws {
        guard standby.source != standby.upstream else { return }
        switch try await compareLog(with: standby.source) {
        case .alike: break
        case .parted(let reason): throw reason
        case .undecided:
            throw PostgresFailure(
                .sourceUnreachable,
                "cannot tell yet whether the copy is that of \(standby.source)"
            )
        }
    }

    /// Why the upstream cannot send its log from a position on; nil if it can, or cannot be asked.
    func whetherServed(
        _ upstream: Peer,
        from end: WALPosition
    ) async throws -> CannotFollow? {
        let size = try await readControlData(directory.path).segmentSize
        let start = LSN(end.lsn.bytes / size * size)
        do {
            let session = try await openSession(with: upstream)
            try await session.probeStreaming(
                "START_REPLICATION PHYSICAL \(start) TIMELINE \(end.timeline)",
                within: .seconds(2)
            )
            return nil
        } catch PostgresError.statementFailed(_, _, "58P01", let message) {
            return CannotFollow(
                reason: "\(upstream) no longer has the log from \(start) on: \(message)",
                needsCopy: true
            )
        } catch let error as CancellationError {
            throw error
        } catch PostgresError.cancelled {
            throw CancellationError()
        } catch {
            logger.info("upstream probed", metadata: ["answer": "\(error)"])
            return nil
        }
    }
}

extension Peer {
    /// The port of the peer's postgres: the second to last part of its name.
    var postgresPort: Int {
        let parts = id.text.split(separator: ":")
        return parts.count >= 3 ? Int(parts[parts.count - 2]) ?? 5432 : 5432
    }
}
