import Foundation
import Logging
import ManateeCore
import ManateePorts

/// Looking at an old copy before it is started, and choosing what becomes of it (rule S7).
extension PostgresServer {
    /// Looks at what is in the data directory, without starting or changing it.
    func planRejoin(as standby: PostgresConfiguration.Standby) async throws -> RejoinPlan {
        if isRebuildRequested {
            return RejoinPlan(
                ways: [.copy],
                reason: "an operator asked to rebuild this peer",
                isRequested: true
            )
        }
        switch try directory.contents() {
        case .empty: return RejoinPlan(ways: [.copy])
        case .incomplete: return try await planReplacement(as: standby)
        case .database: break
        }
        let control = try await readControlData(directory.path)
        let wasStandby =
            files.exists(directory.standbySignal)
            && (control.state == .standby || files.exists(directory.path + "/backup_label"))
        let source: LogCopy
        do {
            source = try await logCopy(of: standby.source)
        } catch let failure as PostgresFailure where failure.kind == .sourceUnreachable {
            // A standby's copy may be started at any time: it only ever waits for its upstream. A
            // former primary's must be looked at first, because its crash recovery would add to
            // what diverged.
            if wasStandby, copyNeeded == nil { return RejoinPlan(ways: [.follow]) }
            throw failure
        }
        guard source.system == control.systemIdentifier else {
            throw PostgresFailure(
                .foreignDatabase,
                "the database in \(directory.path) has the system identifier "
                    + "\(control.systemIdentifier), but that of \(standby.source) is "
                    + "\(source.system): they are different databases; nothing was touched; move "
                    + "the directory away if its contents are not wanted"
            )
        }
        var plan = RejoinPlan(ways: [.follow], source: source, control: control)
        if let reason = copyNeeded {
            plan.ways = try await open([.difference, .copy])
            plan.reason = reason
            return plan
        }
        if source.inRecovery, !wasStandby {
            throw PostgresFailure(
                .sourceUnreachable,
                "\(standby.source) is not primary yet, so it cannot be told whether this copy "
                    + "diverged from it"
            )
        }
        let own = try await divergence(of: directory.path, from: source, control)
        guard let fork = own else { return plan }
        logger.warning(
            "the own log diverged",
            metadata: ["fork": "\(fork)", "source": "\(standby.source)"]
        )
        plan.ways = try await open([.rewind(fork), .rollBack, .difference, .copy])
        plan.reason = "the own log diverged at \(fork)"
        plan.isDiverged = true
        return plan
    }

    /// The ways to replace what a killed sitter left half-changed.
    private func planReplacement(
        as standby: PostgresConfiguration.Standby
    ) async throws -> RejoinPlan {
        var plan = RejoinPlan(ways: [.copy], reason: "the copy is incomplete")
        guard storage != nil else { return plan }
        do {
            plan.source = try await logCopy(of: standby.source)
        } catch let failure as PostgresFailure where failure.kind == .sourceUnreachable {
            return plan
        }
        plan.ways = try await open([.rollBack, .difference, .copy])
        return plan
    }

    /// Those of the ways that the storage opens, and those that need none.
    private func open(_ ways: [RejoinPlan.Way]) async throws -> [RejoinPlan.Way] {
        var able: StorageCapabilities?
        do {
            able = try await storage?.capabilities()
        } catch {
            throw PostgresFailure(error)
        }
        return ways.filter { way in
            switch way {
            case .follow, .rewind, .copy: true
            case .rollBack: able?.atomicSnapshots == true
            case .difference: able?.incrementalSend == true && copySource != nil
            }
        }
    }

    /// Makes the data directory hold a copy that can follow.
    ///
    /// - Throws: `WayClosed` if this way does not lead there.
    func take(
        _ way: RejoinPlan.Way,
        of plan: RejoinPlan,
        as standby: PostgresConfiguration.Standby
    ) async throws {
        if way != .follow {
            logger.info(
                "rejoining",
                metadata: ["way": "\(way)", "reason": "\(plan.reason ?? "there is no copy")"]
            )
        }
        switch way {
        case .follow: break
        case .rewind(let fork):
            guard let source = plan.source, let control = plan.control else { break }
            try await rewind(to: fork, from: standby, source, control)
        case .rollBack:
            guard let source = plan.source else { break }
            try await rollBack(to: source)
        case .difference:
            try await copyDifference(for: standby, plan)
            copyNeeded = nil
        case .copy:
            try await copyAll(for: standby, plan)
            copyNeeded = nil
        }
    }

    // MARK: Divergence

    /// Where the log of a database that does not run parts from the source's; nil if it does not.
    func divergence(
        of database: String,
        from source: LogCopy,
        _ control: ControlData
    ) async throws -> WALPosition? {
        let log = database + "/pg_wal"
        let segments = (files.names(in: log) ?? []).compactMap {
            WALSegment($0, segmentSize: control.segmentSize)
        }
        // A promotion shows in the names of the log before it shows in the control file.
        let newest = segments.map(\.timeline).max().map { max($0, control.checkpoint.timeline) }
        let timeline = newest ?? control.checkpoint.timeline
        var own = TimelineHistory()
        if timeline > TimelineID(1) {
            let text = files.read("\(log)/\(WALSegment.historyName(of: timeline))")
            if let read = text.flatMap({ TimelineHistory(parsing: $0) }) {
                own = read
            } else {
                // Without its file the way to the timeline is unknown: as the source went, or else
                // the comparison says that they part.
                let left = source.sample.history.switches.prefix { $0.timeline < timeline }
                own = TimelineHistory(Array(left))
            }
        }
        let found = Divergence(
            own: own,
            endingOn: timeline,
            source: source.sample.history,
            endingOn: source.sample.end.timeline
        )
        switch found {
        case .none: return nil
        case .certain(let fork): return fork
        case .possible(let fork):
            return try await hasRecord(in: database, at: fork, control) ? fork : nil
        }
    }

    /// Whether the database's log has a record at this position or beyond.
    ///
    /// Decided without starting the server: its recovery would write a record of its own.
    private func hasRecord(
        in database: String,
        at position: WALPosition,
        _ control: ControlData
    ) async throws -> Bool {
        if control.checkpoint.lsn >= position.lsn || control.minimumRecovery > position.lsn {
            return true
        }
        guard let installation else { return true }
        let answer = try await runner.run(
            installation.path("pg_waldump"),
            [
                "-p", database + "/pg_wal", "-t", "\(position.timeline)", "-s",
                "\(position.lsn)", "-n", "1",
            ],
            within: .seconds(60)
        )
        return answer.output.contains("rmgr:")
    }
}
