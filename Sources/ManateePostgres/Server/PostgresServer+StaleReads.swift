import Glibc
import Logging
package import ManateeCore
import ManateePorts

/// What bounds reads from the past: the watch over the sync's word, and the hold on the gate.
extension PostgresServer {
    /// How often the sync's word is looked for, and sessions are, while the gate is held shut.
    static let syncLook = Duration.milliseconds(500)
    /// For how long the sync may be silent before that is told: it sends its word each second.
    static let syncPatience = Duration.seconds(3)

    /// Holds the gate shut, or takes that back; see the port.
    package func order(_ gate: GateOrder) async throws(PostgresFailure) {
        switch gate {
        case .shut:
            isGateHeld = true
            do {
                try await enforceHold()
            } catch {
                throw failure(from: error)
            }
        case .release:
            isGateHeld = false
            openingSink.yield()
        }
    }

    /// Sends all applications away and keeps them out, as long as the gate is held shut.
    ///
    /// A commit that one of them waited with is visible from then on and perhaps on this disk alone, so
    /// after the hold the gate waits for the sync, as after a crash.
    private func enforceHold() async throws {
        guard isGateHeld, role == .primary, isRunning else { return }
        gateOpen = false
        if let last = opening ?? opened {
            opened = nil
            opening = Opening(generation: last.generation, name: last.name, target: nil)
        }
        // Nothing else: of an adopted server it is not known yet whom it must wait for.
        if try writeAccess() { try await reload() }
        // A session that was on its way in shows up only once it is in.
        try await eventually(within: .seconds(5), every: .milliseconds(20), "all sessions ended") {
            try await self.endApplications() == 0
        }
    }

    /// Ends the sessions of applications.
    ///
    /// - Returns: how many there still were.
    private func endApplications() async throws -> Int {
        try await ask(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where backend_type = 'client backend' and usename not in ($1, $2, $3)
            """,
            [Secrets.superuser, Secrets.replicator, Secrets.monitor]
        ).count
    }

    // MARK: The watch

    /// Tells whether the sync's word is heard, and enforces the hold on the gate.
    func watchSync() async {
        var session: PostgresConnection?
        var word: String?
        repeat {
            let seen = await syncWord(&session)
            if word == nil {
                // What an earlier look left is no news: it may be the word of a sync long gone.
                word = seen ?? ""
            } else if let seen, seen != word {
                word = seen
                noteSyncHeard()
            } else if let last = syncHeardAt,
                role != .primary || !isRunning || .now - last >= Self.syncPatience
            {
                syncHeardAt = nil
                eventSink.yield(.syncHeard(false))
            }
            do {
                try await enforceHold()
            } catch {
                logger.warning("the gate is not shut yet", metadata: ["error": "\(error)"])
            }
        } while await Self.pause(Self.syncLook)
        await session?.close()
    }

    /// Takes note of a word of the sync.
    func noteSyncHeard() {
        if syncHeardAt == nil { eventSink.yield(.syncHeard(true)) }
        syncHeardAt = .now
    }

    /// What the standby that acknowledges said last; nil if there is none, or postgres does not tell.
    ///
    /// The time of its last message, by its own clock, changes with each: that its connection is there
    /// proves nothing, because the end of one that was cut is noticed late.
    private func syncWord(_ session: inout PostgresConnection?) async -> String? {
        guard role == .primary, isRunning else { return nil }
        do {
            let open: PostgresConnection
            if let session {
                open = session
            } else {
                open = try await PostgresConnection.open(
                    localTarget("manatee_watch"),
                    within: .seconds(1)
                )
                session = open
            }
            let rows = try await open.query(
                """
                select concat_ws(' ', pid, reply_time) from pg_stat_replication
                where state = 'streaming' and sync_state = 'sync'
                """,
                within: .seconds(1)
            )
            return rows.first?.first ?? nil
        } catch {
            await session?.close()
            session = nil
            logger.debug("cannot look for the sync", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
