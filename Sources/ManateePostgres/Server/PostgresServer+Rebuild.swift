import Logging
import ManateeCore
import ManateePorts

/// An operator's request to make the peer's data anew.
///
/// It is a file, so that it outlives both sides. A standby's ends when the new copy streams; that of a
/// deposed peer which waits for an operator ends when its data has been set aside, so that the peer
/// may leave the deposed ones. A primary refuses.
extension PostgresServer {
    /// Whether there is a request.
    var isRebuildRequested: Bool { files.exists(settings.rebuildRequest) }

    /// Removes the request; one that is made right afterwards is another one.
    func endRebuildRequest() throws {
        try files.remove(settings.rebuildRequest)
        isRebuildKnown = false
    }

    /// Sees a request appear, and lets the peer be configured again because of it.
    func watchForRebuild() async {
        repeat {
            guard isRebuildRequested else {
                isRebuildKnown = false
                continue
            }
            guard !isRebuildKnown, callsUnderWay == 0 else { continue }
            await announceRebuild()
            isRebuildKnown = isRebuildRequested
        } while await Self.pause(.milliseconds(500))
    }

    private func announceRebuild() async {
        do {
            switch role {
            case .primary:
                try endRebuildRequest()
                logger.error("a primary is not rebuilt: the request was removed")
                return
            case .standby, .detached: await stop(.fast)
            case .stopped: try await obeyRebuildWhileStopped()
            }
        } catch {
            logger.error("cannot obey a request to rebuild", metadata: ["error": "\(error)"])
        }
        eventSink.yield(.lost("an operator asked to rebuild this peer"))
    }

    /// Sets aside the data of a peer that is not to run.
    func obeyRebuildWhileStopped() async throws {
        guard isRebuildRequested, !isRunning, isConfiguredStopped else { return }
        callsUnderWay += 1
        defer { callsUnderWay -= 1 }
        if let storage {
            try await isolate(storage, .rebuild)
        } else {
            switch try directory.contents() {
            case .empty: break
            case .incomplete, .database:
                replacedCopy = try setAside.newEntry("rebuild-by-operator")
                if let replacedCopy { try files.move(directory.path, to: replacedCopy) }
            }
        }
        systemIdentifier = nil
        try endRebuildRequest()
        logger.info("set the data aside, as an operator asked")
    }
}
