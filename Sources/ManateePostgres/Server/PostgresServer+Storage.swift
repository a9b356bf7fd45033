import Logging
import ManateeCore
import ManateePorts

/// The storage below the data directory, where there is one.
extension PostgresServer {
    /// Makes the data appear at its place, if it is to be there; harmless while the server runs.
    ///
    /// - Parameter creating: whether to make an empty place for a database.
    /// - Throws: `PostgresFailure` if the storage refuses.
    func prepareStorage(creating: Bool = false) async throws {
        try files.makeDirectory(files.parent(of: settings.passfile), mode: 0o755)
        guard let storage else { return }
        let owner = StorageOwner(user: files.owner.user.id, group: files.owner.user.group)
        do {
            let found = try await storage.prepare(
                creating: creating,
                owner: files.owner.mustChangeOwner ? owner : nil
            )
            if !found { logger.info("the storage holds no data yet") }
        } catch {
            throw PostgresFailure(error)
        }
    }

    /// Sets the data with its snapshots aside, so that the storage is free for another copy.
    ///
    /// Where no more may be set aside, the newest copy goes that was made here and never streamed: the
    /// oldest is the one that may still be wanted.
    func isolate(_ storage: any DataStorage, _ reason: IsolationReason) async throws(StorageFailure)
    {
        let name: String?
        do {
            name = try await storage.isolate(reason)
        } catch  where error.kind == .tooManyIsolated {
            let ours = try await storage.isolated().map(\.name).filter(Self.isOurs)
            guard ours.count > 1, let newest = ours.last else { throw error }
            try await storage.destroyIsolated(newest)
            name = try await storage.isolate(reason)
        }
        systemIdentifier = nil
        // From here on it is kept until the new copy streams.
        isolatedStays = false
        if let name { logger.info("set the data aside", metadata: ["isolated": "\(name)"]) }
    }

    /// Destroys what was set aside, now that the peer streams.
    ///
    /// What somebody still copies from stays, until ``watchIsolated()`` finds it free.
    func dropIsolated() async {
        guard let storage else { return }
        isolatedStays = false
        do {
            for data in try await storage.isolated() where Self.isOurs(data.name) {
                await drop(data, from: storage)
            }
        } catch {
            isolatedStays = true
            logger.warning("cannot look at what was set aside", metadata: ["error": "\(error)"])
        }
    }

    private func drop(_ data: IsolatedData, from storage: any DataStorage) async {
        do {
            try await storage.destroyIsolated(data.name)
            logger.info("removed what was set aside", metadata: ["isolated": "\(data.name)"])
        } catch {
            isolatedStays = true
            logger.warning(
                "cannot remove yet what was set aside",
                metadata: ["isolated": "\(data.name)", "error": "\(error)"]
            )
        }
    }

    /// Destroys what was in use when the peer began to stream, and what a killed sitter set aside, once
    /// the peer streams.
    func watchIsolated() async {
        while await Self.pause(.seconds(5)) {
            guard isolatedStays, callsUnderWay == 0, isRunning, case .standby = role,
                await isStreaming(), callsUnderWay == 0
            else { continue }
            await dropIsolated()
        }
    }

    private func isStreaming() async -> Bool {
        do {
            return try await value(of: "select status from pg_stat_wal_receiver") == "streaming"
        } catch {
            // A server that does not answer has not shown that its copy is good.
            return false
        }
    }

    private static func isOurs(_ name: String) -> Bool {
        [IsolationReason.autorebuild, .rebuild, .diverged].contains {
            name.hasPrefix($0.word + "-")
        }
    }
}

extension PostgresFailure {
    /// What a failure of the storage means for postgres.
    init(_ failure: StorageFailure) {
        let kind: Kind =
            switch failure.kind {
            case .cancelled: .cancelled
            case .noSpace: .noSpace
            case .missing, .exists, .inUse, .foreignMount, .held, .hasClones, .newerSnapshots,
                .noCommonSnapshot, .badStream, .tooManyIsolated, .unsupported, .notPermitted,
                .timedOut, .failed:
                .other
            }
        self.init(kind, failure.detail)
    }
}
