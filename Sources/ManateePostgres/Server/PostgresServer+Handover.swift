import Foundation
import Logging
package import ManateeCore

/// Giving the primary's place up: a short stop in order that leaves nothing behind.
extension PostgresServer {
    /// How much of the log the sync may lack when the primary is to stop: what a link ships in a moment.
    static let longestHandoverLag: Int64 = 16 << 20
    /// How long a stop in order may take before it is given up.
    static let handoverStopLimit = Duration.seconds(6)
    /// How long a checkpoint beforehand may take.
    private static let checkpointLimit = Duration.seconds(600)

    /// Sees that the sync keeps up, and writes what is dirty to the disk.
    ///
    /// It changes nothing, so it may run beside every other call.
    package func prepareHandover(to sync: Peer) async throws(PostgresFailure) {
        do {
            let session = try await PostgresConnection.open(localTarget("manatee_handover"))
            try await expectSmallLag(of: sync, session)
            _ = try await session.query("checkpoint", within: Self.checkpointLimit)
            try await expectSmallLag(of: sync, session)
            await session.close()
        } catch {
            throw failure(from: error)
        }
    }

    private func expectSmallLag(of sync: Peer, _ session: PostgresConnection) async throws {
        let rows = try await session.query(
            """
            select state, pg_wal_lsn_diff(pg_current_wal_flush_lsn(), flush_lsn)::bigint
            from pg_stat_replication where application_name = $1
            """,
            [ServerParameters.name(sync.id)]
        )
        guard let row = rows.first, row.first == "streaming" else {
            let seen = rows.first?.first ?? "not connected"
            throw PostgresFailure(
                .other,
                "the sync \(sync) does not stream: it is \(seen ?? "new")"
            )
        }
        guard let lag = row[1].flatMap({ Int64($0) }), lag <= Self.longestHandoverLag else {
            throw PostgresFailure(
                .other,
                "the sync \(sync) lacks \(row[1] ?? "an unknown number of") bytes of the log, more "
                    + "than \(Self.longestHandoverLag); wait until it has caught up"
            )
        }
    }

    /// Stops in order, and tells where the own log ends.
    ///
    /// The server ships all that it has, the checkpoint of its end included, to every standby that is
    /// connected, and goes only when they have flushed it.
    func shutDownForSync() async throws -> WALSample {
        guard isRunning, role == .primary else {
            throw PostgresFailure(.other, "cannot stop for the sync: postgres is not primary")
        }
        let session = try await PostgresConnection.open(localTarget("manatee", replication: true))
        let copy = try await LogCopy(askedOf: session)
        await session.close()
        guard !copy.inRecovery else {
            throw PostgresFailure(.other, "cannot stop for the sync: postgres is not primary")
        }
        // The control file says so before the standbys have everything.
        let isInOrder = await stop(.fast, within: Self.handoverStopLimit)
        let control = try await readControlData(directory.path)
        guard isInOrder, control.state == .shutDown,
            control.checkpoint.timeline == copy.sample.end.timeline
        else {
            throw PostgresFailure(
                .other,
                "postgres did not stop in order within \(Self.handoverStopLimit): a standby does "
                    + "not take the rest of the log, or a session does not end"
            )
        }
        var sample = copy.sample
        sample.end.lsn = try endOfRecord(at: control.checkpoint, control)
        return sample
    }

    /// Where the record that begins at `position` ends, by its length as the log file has it.
    private func endOfRecord(at position: WALPosition, _ control: ControlData) throws -> LSN {
        let log = directory.path + "/pg_wal"
        let segment = (files.names(in: log) ?? []).lazy
            .compactMap { WALSegment($0, segmentSize: control.segmentSize) }
            .first {
                $0.timeline == position.timeline && $0.start <= position.lsn
                    && position.lsn.bytes - $0.start.bytes < control.segmentSize
            }
        guard let segment else {
            throw PostgresFailure(.other, "no file in \(log) holds the position \(position)")
        }
        let file = try FileHandle(forReadingFrom: URL(filePath: "\(log)/\(segment.name)"))
        try file.seek(toOffset: position.lsn.bytes - segment.start.bytes)
        let bytes = try file.read(upToCount: 4) ?? Data()
        try file.close()
        guard bytes.count == 4 else {
            throw PostgresFailure(.other, "\(segment.name) ends before the position \(position)")
        }
        let length = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        let pages = RecordEnd(pageSize: control.pageSize, segmentSize: control.segmentSize)
        return pages.end(of: position.lsn, length: length)
    }
}
