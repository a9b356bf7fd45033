import Foundation
import Logging
import ManateeCore
import Synchronization

/// Looking at an old copy before it is started, and mending or replacing it (rule S7).
extension PostgresServer {
    /// What was done to the data directory before the start.
    enum Preparation: Equatable {
        /// Nothing: it follows as it is.
        case asItWas
        /// Its diverged end was taken back.
        case rewound
        /// It was copied anew; where the old one lies, if there was one.
        case copied(old: String?)
    }

    /// Makes sure that the data directory holds a copy that can follow.
    func prepareCopy(for standby: PostgresConfiguration.Standby) async throws -> Preparation {
        switch try directory.contents() {
        case .empty: return try await copy(for: standby, because: nil)
        case .incomplete:
            return try await copy(for: standby, because: "the copy is incomplete")
        case .database: break
        }
        let control = try await readControlData()
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
            if wasStandby, copyNeeded == nil { return .asItWas }
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
        if let reason = copyNeeded { return try await copy(for: standby, because: reason) }
        if source.inRecovery, !wasStandby {
            throw PostgresFailure(
                .sourceUnreachable,
                "\(standby.source) is not primary yet, so it cannot be told whether this copy "
                    + "diverged from it"
            )
        }
        guard let fork = try await divergence(from: source, control) else { return .asItWas }
        logger.warning(
            "the own log diverged",
            metadata: ["fork": "\(fork)", "source": "\(standby.source)"]
        )
        return try await rewind(to: fork, from: standby, source, control)
    }

    // MARK: Divergence

    /// Where the own log parts from the source's; nil if it does not.
    private func divergence(
        from source: LogCopy,
        _ control: ControlData
    ) async throws -> WALPosition? {
        let log = directory.path + "/pg_wal"
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
            return try await hasRecord(at: fork, control) ? fork : nil
        }
    }

    /// Whether the own log has a record at this position or beyond.
    ///
    /// Decided without starting the server: its recovery would write a record of its own.
    private func hasRecord(at position: WALPosition, _ control: ControlData) async throws -> Bool {
        if control.checkpoint.lsn >= position.lsn || control.minimumRecovery > position.lsn {
            return true
        }
        guard let installation else { return true }
        let answer = try await runner.run(
            installation.path("pg_waldump"),
            [
                "-p", directory.path + "/pg_wal", "-t", "\(position.timeline)", "-s",
                "\(position.lsn)", "-n", "1",
            ],
            within: .seconds(60)
        )
        return answer.output.contains("rmgr:")
    }

    // MARK: Rewinding

    private func rewind(
        to fork: WALPosition,
        from standby: PostgresConfiguration.Standby,
        _ source: LogCopy,
        _ control: ControlData
    ) async throws -> Preparation {
        do {
            try await awaitCheckpoint(of: standby.source, on: source.sample.end.timeline)
            try await setAsideLog(from: fork, control)
            // A rewound copy begins to stream with the segment that holds the fork. Without it
            // pg_rewind would succeed, and the server never become consistent.
            if let gone = try await whetherServed(standby.upstream, from: fork) {
                return try await copy(for: standby, because: gone.reason)
            }
            // Only a server that is no standby can be brought to a clean end, which pg_rewind wants.
            if control.state != .standby { try files.remove(directory.standbySignal) }
            gateOpen = false
            // pg_rewind lets the server recover first, whose checkpoint would recycle the log back to
            // the last common checkpoint, which pg_rewind then misses.
            let usual = parameters
            parameters.fixed["wal_keep_size"] = "1TB"
            defer { parameters = usual }
            try writeFiles()
            // From here on the directory is neither the old copy nor the new one.
            try files.write("pg_rewind was under way\n", to: directory.incompleteMarker)
            _ = try await tool(
                "pg_rewind",
                [
                    "--target-pgdata=\(directory.path)",
                    "--source-server=" + sourceText(standby.source),
                ],
                within: nil
            )
            try removeSegments(beyond: source, control)
            try files.write("", to: directory.standbySignal)
            try files.remove(directory.incompleteMarker)
            logger.info("rewound the own copy", metadata: ["fork": "\(fork)"])
            return .rewound
        } catch let failure as PostgresFailure where failure.kind == .other {
            logger.warning("could not rewind", metadata: ["reason": "\(failure)"])
            return try await copy(for: standby, because: failure.detail)
        }
    }

    private func sourceText(_ peer: Peer) -> String {
        ConnectionString.text([
            ("host", peer.ip), ("port", String(peer.postgresPort)), ("user", Secrets.replicator),
            ("dbname", "postgres"), ("passfile", settings.passfile),
            ("connect_timeout", String(max(2, settings.connectTimeout.components.seconds))),
            ("gssencmode", "disable"), ("application_name", "manatee_copy"),
        ])
    }

    /// How long to wait for the checkpoint of a new primary: of a large database it takes minutes, and
    /// copying that anew would take longer.
    private static let checkpointPatience = Duration.seconds(300)

    /// pg_rewind reads the source's timeline from its control file, which tells of a promotion only
    /// after a checkpoint.
    private func awaitCheckpoint(of source: Peer, on timeline: TimelineID) async throws {
        let session = try await openSession(with: source)
        try await eventually(
            within: Self.checkpointPatience,
            every: .milliseconds(50),
            "the source wrote a checkpoint on timeline \(timeline)"
        ) {
            let rows = try await session.query("select timeline_id from pg_control_checkpoint()")
            return rows.first?.first == "\(timeline)"
        }
        await session.close()
    }

    /// Removes the segments that the source's line of timelines left: recovery would read the
    /// diverged records in them, find no end, and never stream (pg_rewind leaves them, and succeeds).
    private func removeSegments(
        beyond source: LogCopy,
        _ control: ControlData
    ) throws {
        let log = directory.path + "/pg_wal"
        let line = source.sample.history
        for name in files.names(in: log) ?? [] {
            guard let segment = WALSegment(name, segmentSize: control.segmentSize),
                segment.timeline != source.sample.end.timeline
            else { continue }
            let end = line.end(of: segment.timeline) ?? .zero
            if segment.start.bytes + control.segmentSize > end.bytes {
                try files.remove("\(log)/\(name)")
            }
        }
    }

    /// Copies what is about to be lost to a safe place.
    private func setAsideLog(from fork: WALPosition, _ control: ControlData) async throws {
        let reason = "diverged-\(fork.lsn)".replacing("/", with: "-")
        // An earlier attempt to rewind did it: a source that comes and goes must not fill the disk.
        if setAside.holds(reason) { return }
        let entry = try setAside.newEntry(reason)
        try files.makeDirectory(entry)
        let log = directory.path + "/pg_wal"
        let wanted = (files.names(in: log) ?? []).filter { name in
            if name.hasSuffix(".history") { return true }
            guard let segment = WALSegment(name, segmentSize: control.segmentSize) else {
                return false
            }
            return segment.timeline >= fork.timeline
                && segment.start.bytes + control.segmentSize > fork.lsn.bytes
        }
        let paths = wanted.map { "\(log)/\($0)" } + [directory.path + "/global/pg_control"]
        let answer = try await runner.run(
            "/bin/cp",
            ["--archive", "--reflink=auto", "--sparse=always", "--"] + paths + [entry],
            within: nil
        )
        guard answer.succeeded else {
            throw PostgresFailure(
                answer.noSpace ? .noSpace : .other,
                "cannot set aside the diverged log in \(entry): \(answer.errors)"
            )
        }
        try files.write(
            """
            The log of \(settings.peer) from \(fork) on, and its control file, as they were before
            the copy was rewound: the new primary does not have these records. Nobody was told that
            a transaction in them is committed, unless it waived synchronous_commit. Read them with
            pg_waldump; remove the directory when nobody needs them.

            """,
            to: entry + "/README"
        )
        logger.info("set aside the diverged log", metadata: ["path": "\(entry)"])
    }

    // MARK: Copying

    /// Replaces whatever is in the data directory by a new copy of the source.
    func copy(
        for standby: PostgresConfiguration.Standby,
        because reason: String?
    ) async throws -> Preparation {
        logger.info(
            "copying the database",
            metadata: ["source": "\(standby.source)", "reason": "\(reason ?? "there is none")"]
        )
        for left in directory.leftIncoming { try await directory.removeTree(left) }
        let incoming = directory.newIncoming()
        // Made here, since the server's user may have no right to make it beside the data directory.
        try files.makeDirectory(incoming)
        try files.write(settings.secrets.passfile, to: settings.passfile)
        do {
            do {
                try await takeBaseBackup(of: standby.source, into: incoming)
            } catch let failure as PostgresFailure
                where failure.kind == .sourceUnreachable && standby.upstream != standby.source
            {
                try await takeBaseBackup(of: standby.upstream, into: incoming)
            }
            try files.write("", to: incoming + "/standby.signal")
            var old: String?
            switch try directory.contents() {
            case .empty: break
            case .incomplete, .database: old = try setAside.newEntry("rebuild-of-replaced-copy")
            }
            try directory.replace(with: incoming, movingOldTo: old)
            systemIdentifier = nil
            copyNeeded = nil
            return .copied(old: old)
        } catch {
            // Whatever ended it, nothing half-copied stays.
            try await directory.removeTree(incoming)
            throw error
        }
    }

    private func takeBaseBackup(of peer: Peer, into incoming: String) async throws {
        // Tells an unreachable source from a copy that failed, before anything is written.
        _ = try await logCopy(of: peer)
        let progress = CopyProgress(logger: logger)
        _ = try await tool(
            "pg_basebackup",
            [
                "--pgdata=\(incoming)", "--dbname=" + sourceText(peer),
                "--wal-method=stream", "--checkpoint=fast", "--no-password", "--progress",
            ],
            within: nil,
            onErrorLine: { progress.note($0) }
        )
    }

    /// Removes what was set aside and is no longer needed, now that the new copy streams.
    func dropSetAside(_ preparation: Preparation) async {
        var paths = setAside.surplus
        if case .copied(let old?) = preparation { paths.append(old) }
        for path in paths {
            do {
                try await directory.removeTree(path)
                logger.info("removed what was set aside", metadata: ["path": "\(path)"])
            } catch {
                logger.warning(
                    "cannot remove what was set aside",
                    metadata: ["path": "\(path)", "error": "\(error)"]
                )
            }
        }
    }
}

/// Logs how far a copy is, each tenth of the way.
final class CopyProgress: Sendable {
    private let logger: Logger
    private let tenth = Mutex(-1)

    init(logger: Logger) {
        self.logger = logger
    }

    /// Takes a line of pg_basebackup's progress report.
    func note(_ line: String) {
        guard let percent = Self.percent(parsing: line) else { return }
        let isNew = tenth.withLock { tenth in
            guard percent / 10 > tenth else { return false }
            tenth = percent / 10
            return true
        }
        if isNew { logger.info("copied", metadata: ["percent": "\(percent)"]) }
    }

    /// Reads the percentage out of `23456/34567 kB (67%), 0/1 tablespace`; nil if there is none.
    static func percent(parsing line: String) -> Int? {
        guard let open = line.firstIndex(of: "("), let sign = line[open...].firstIndex(of: "%")
        else { return nil }
        return Int(line[line.index(after: open)..<sign])
    }
}
