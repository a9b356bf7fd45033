import Logging
import ManateeCore
import ManateePorts

/// Getting another peer's data, in the place of whatever is in the data directory.
///
/// Peers are asked in this order: the upstream, because it has the log that the copy goes on with;
/// the primary; the successor. Where no backup server gives a copy, a running postgres does.
extension PostgresServer {
    private func sources(of standby: PostgresConfiguration.Standby) -> [Peer] {
        let peers = [standby.upstream, standby.source] + (standby.successor.map { [$0] } ?? [])
        return peers.enumerated()
            .filter { index, peer in !peers[..<index].contains { $0.id == peer.id } }
            .map(\.element)
    }

    // MARK: From a backup server

    /// Copies what is missing since a snapshot that a source has, too.
    ///
    /// - Throws: `WayClosed` if there is no such snapshot.
    func copyDifference(
        for standby: PostgresConfiguration.Standby,
        _ plan: RejoinPlan
    ) async throws {
        guard let storage else { throw WayClosed(description: "there is no storage") }
        let names: [SnapshotName]
        do {
            names = try await storage.snapshots().map(\.name)
        } catch {
            throw PostgresFailure(error)
        }
        guard !names.isEmpty else { throw WayClosed(description: "there are no snapshots here") }
        try await pull(having: names, for: standby, plan)
    }

    /// Copies everything; the more attempts failed before, the later.
    func copyAll(for standby: PostgresConfiguration.Standby, _ plan: RejoinPlan) async throws {
        if failedCopies > 1 {
            let pause = Duration.seconds(1 << min(failedCopies - 2, 5))
            logger.info(
                "waiting before the next copy",
                metadata: ["failed": "\(failedCopies)", "pause": "\(pause)"]
            )
            try await Task.sleep(for: pause)
        }
        do {
            try await copyOnce(for: standby, plan)
        } catch {
            if failure(from: error).kind != .cancelled { failedCopies += 1 }
            throw error
        }
    }

    private func copyOnce(
        for standby: PostgresConfiguration.Standby,
        _ plan: RejoinPlan
    ) async throws {
        do {
            try await pull(having: [], for: standby, plan)
        } catch let reason as WayClosed {
            if copySource != nil {
                logger.warning("no backup server gave a copy", metadata: ["reason": "\(reason)"])
            }
            try await copyBaseBackup(for: standby, plan)
        }
    }

    /// Asks one source after the other.
    ///
    /// - Throws: `WayClosed` if none has what is wanted.
    private func pull(
        having names: [SnapshotName],
        for standby: PostgresConfiguration.Standby,
        _ plan: RejoinPlan
    ) async throws {
        guard let storage, let copySource else { throw WayClosed(description: "no backup servers") }
        var causes: [String] = []
        for peer in sources(of: standby) {
            guard let url = peer.backupURL else { continue }
            do {
                try await pull(having: names, from: peer, url, copySource, into: storage, plan)
                return
            } catch let failure as CopyFailure {
                restores.end(.failed(failure.detail), because: "\(failure.kind)")
                switch failure.kind {
                case .cancelled, .storage(.cancelled): throw CancellationError()
                case .noSpace: throw PostgresFailure(.noSpace, failure.detail)
                case .storage: throw WayClosed(description: failure.detail)
                case .unreachable, .authentication, .wrongVersion, .noSnapshot, .noCommonSnapshot,
                    .busy, .sourceFailed, .badStream:
                    causes.append("\(peer): \(failure.detail)")
                    logger.warning(
                        "no copy from this source",
                        metadata: [
                            "source": "\(peer)", "cause": "\(failure.kind)", "reason": "\(failure)",
                        ]
                    )
                }
            } catch {
                restores.end(.failed("\(error)"))
                throw error
            }
        }
        throw WayClosed(
            description: causes.isEmpty ? "no backup servers" : causes.joined(separator: "; ")
        )
    }

    private func pull(
        having names: [SnapshotName],
        from peer: Peer,
        _ url: String,
        _ source: any CopySource,
        into storage: any DataStorage,
        _ plan: RejoinPlan
    ) async throws {
        restores.begin(from: peer.id, by: names.isEmpty ? .whole : .difference)
        let request = CopyRequest(having: names, isFresh: true, postgresVersion: majorVersion)
        let reason = plan.isolationReason
        let offer = try await source.pull(request, from: url, into: storage) { offer in
            if let base = offer.base {
                try await storage.rollBack(to: base)
            } else if names.isEmpty {
                try await self.isolate(storage, reason)
            } else {
                throw WayClosed(description: "\(peer) has none of the snapshots that are here")
            }
        } progress: { [restores] progress in
            restores.note(
                completed: progress.bytes,
                total: progress.total,
                bytesPerSecond: progress.bytesPerSecond
            )
        }
        try await prepareStorage()
        try await adoptCopy(of: offer.snapshot, from: peer, plan)
        restores.end(.done)
        logger.info(
            "copied the data",
            metadata: ["source": "\(peer)", "snapshot": "\(offer.snapshot)"]
        )
    }

    /// Sees that what came is a database of this cluster, and takes off what was its source's own.
    private func adoptCopy(
        of snapshot: SnapshotName,
        from peer: Peer,
        _ plan: RejoinPlan
    ) async throws {
        systemIdentifier = nil
        guard case .database = try directory.contents() else {
            throw CopyFailure(
                .noSnapshot,
                "snapshot \(snapshot) of \(peer) has no whole database where \(directory.path) is"
            )
        }
        let found = try await knownSystemIdentifier()
        guard plan.source?.system ?? found == found else {
            throw CopyFailure(.wrongVersion, "\(peer) has a database of another cluster (\(found))")
        }
        try files.remove(directory.path + "/postmaster.pid")
        for left in directory.leftIncoming { try await directory.removeTree(left) }
        // The source's slots would keep the log here for consumers that never come.
        let slots = directory.path + "/pg_replslot"
        for name in files.names(in: slots) ?? [] {
            try await directory.removeTree("\(slots)/\(name)")
        }
    }

    // MARK: From a running postgres

    private func copyBaseBackup(
        for standby: PostgresConfiguration.Standby,
        _ plan: RejoinPlan
    ) async throws {
        let peer = try await reachable(for: standby)
        if let storage {
            do {
                if try directory.contents() != .empty {
                    try await isolate(storage, plan.isolationReason)
                }
            } catch let failure as StorageFailure {
                throw PostgresFailure(failure)
            }
            try await prepareStorage(creating: true)
        }
        for left in directory.leftIncoming { try await directory.removeTree(left) }
        let incoming = directory.newIncoming()
        // Made here, since the server's user may have no right to make it beside the data directory.
        try files.makeDirectory(incoming)
        try files.write(settings.secrets.passfile, to: settings.passfile)
        restores.begin(from: peer.id, by: .baseBackup)
        do {
            try await takeBaseBackup(of: peer, into: incoming)
            try files.write("", to: incoming + "/standby.signal")
            switch try directory.contents() {
            case .empty: replacedCopy = nil
            case .incomplete, .database:
                replacedCopy = try setAside.newEntry("rebuild-of-replaced-copy")
            }
            try directory.replace(with: incoming, movingOldTo: replacedCopy)
            systemIdentifier = nil
            restores.end(.done)
        } catch {
            let cause = (error as? PostgresFailure).map { "\($0.kind)" }
            restores.end(.failed("\(error)"), because: cause)
            // Whatever ended it, nothing half-copied stays.
            try await directory.removeTree(incoming)
            throw error
        }
    }

    /// The primary, or else the upstream: whichever answers.
    private func reachable(for standby: PostgresConfiguration.Standby) async throws -> Peer {
        // Tells an unreachable source from a copy that failed, before anything is written.
        do {
            _ = try await logCopy(of: standby.source)
            return standby.source
        } catch let failure as PostgresFailure
            where failure.kind == .sourceUnreachable && standby.upstream != standby.source
        {
            _ = try await logCopy(of: standby.upstream)
            return standby.upstream
        }
    }

    private func takeBaseBackup(of peer: Peer, into incoming: String) async throws {
        logger.info("taking a base backup", metadata: ["source": "\(peer)"])
        _ = try await tool(
            "pg_basebackup",
            [
                "--pgdata=\(incoming)", "--dbname=" + sourceText(peer),
                "--wal-method=stream", "--checkpoint=fast", "--no-password", "--progress",
            ],
            within: nil,
            onErrorLine: { [restores] line in
                guard let progress = BaseBackupProgress(parsing: line) else { return }
                restores.note(completed: progress.completed, total: progress.total)
            }
        )
    }

    // MARK: Tidying up

    /// Removes what was set aside and is no longer needed, now that the copy streams.
    func dropSetAside() async {
        let paths = setAside.surplus + (replacedCopy.map { [$0] } ?? [])
        replacedCopy = nil
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
        await dropIsolated()
    }
}

extension RejoinPlan {
    /// Why the old copy is set aside.
    fileprivate var isolationReason: IsolationReason {
        isRequested ? .rebuild : isDiverged ? .diverged : .autorebuild
    }
}
