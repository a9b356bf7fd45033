import Logging
import ManateeCore

/// Taking the diverged end of the log back with `pg_rewind`.
extension PostgresServer {
    /// Takes the own log back to the fork.
    ///
    /// - Throws: `WayClosed` if that cannot be done.
    func rewind(
        to fork: WALPosition,
        from standby: PostgresConfiguration.Standby,
        _ source: LogCopy,
        _ control: ControlData
    ) async throws {
        do {
            try await awaitCheckpoint(of: standby.source, on: source.sample.end.timeline)
            try await setAsideLog(from: fork, control)
            // A rewound copy begins to stream with the segment that holds the fork. Without it
            // pg_rewind would succeed, and the server never become consistent.
            if let gone = try await whetherServed(standby.upstream, from: fork) {
                throw WayClosed(description: gone.reason)
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
        } catch let failure as PostgresFailure where failure.kind == .other {
            throw WayClosed(description: failure.detail)
        }
    }

    func sourceText(_ peer: Peer) -> String {
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
    func setAsideLog(from fork: WALPosition, _ control: ControlData) async throws {
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
}
