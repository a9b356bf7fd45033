import ManateeCore
import ManateePorts
import ManateeWire

/// Waiting until a peer that was asked to rebuild streams again.
struct RebuildWatch {
    /// How many copies may fail.
    private static let attempts = 5
    /// For how many seconds, or looks, nothing at all may change.
    private static let patience = 300

    /// The peer on this host.
    let peer: any LocalPeer
    /// Its shard.
    let target: ShardTarget
    /// The run of the tool.
    let session: AdmSession
    /// How long each postgres has to answer.
    let limit: Duration
    /// The copy that was there before the request; nil if there was none.
    ///
    /// Only a peer that made another one was rebuilt.
    let earlier: String?
    /// Whether the peer leaves the deposed ones by this command, once its data is set aside.
    let mustReap: Bool

    /// What was seen at one look.
    private struct Sight: Equatable {
        var isRequested: Bool
        var progress: RestoreProgress?
        var state: [UInt8]
    }

    /// Waits for the end, and takes a peer off the deposed ones that waits for that.
    ///
    /// - Throws: `AdmFailure` if copies fail again and again, or nothing happens any more.
    func wait(showingOn display: consuming ProgressDisplay) async throws {
        var display = display
        do {
            try await wait(&display)
            try display.close()
        } catch {
            try display.close()
            throw error
        }
    }

    private func wait(_ display: inout ProgressDisplay) async throws {
        var isReapDue = mustReap
        var failed: Set<String> = []
        var isCopied = false
        var last: Sight?
        var idle = 0
        try display.say("waiting for the sitter to heed the request")
        while true {
            let loader = ClusterLoader(session: session, target: target)
            let details = try await loader.load(askingPostgresWithin: limit)
            let sight = Sight(
                isRequested: peer.isRebuildRequested,
                progress: await progress(),
                state: ClusterStateJSON.encode(details.state)
            )
            idle = sight == last ? idle + 1 : 0
            last = sight
            if let progress = sight.progress { isCopied = progress.failure == nil }
            guard idle < Self.patience else { throw standstill(sight, isStreaming(in: details)) }
            if isReapDue {
                if !sight.isRequested {
                    try await reap()
                    try display.say("the data is set aside, and the peer is no longer deposed")
                    isReapDue = false
                }
            } else if !sight.isRequested, isCopied, isStreaming(in: details) {
                return
            }
            if let progress = sight.progress {
                try display.show(progress)
                try judge(progress, &failed, &display)
            }
            try await session.ports.pause(.seconds(1))
        }
    }

    /// The copy that goes on; nil if there is none, or the sitter does not answer, which may start again.
    private func progress() async -> RestoreProgress? {
        do {
            let progress = try await peer.restore()
            return progress?.id == earlier ? nil : progress
        } catch {
            return nil
        }
    }

    private func isStreaming(in details: ClusterDetails) -> Bool {
        let chain = details.state.chain
        guard let place = chain.firstIndex(where: { $0.zoneID == peer.zoneID }), place > 0,
            let row = details.downstreamRow(of: chain[place - 1])
        else { return false }
        return details.identify(row) == chain[place] && row.state == "streaming"
    }

    private func judge(
        _ progress: RestoreProgress,
        _ failed: inout Set<String>,
        _ display: inout ProgressDisplay
    ) throws {
        guard let failure = progress.failure, failed.insert(progress.id).inserted else { return }
        let words = [progress.cause, failure].compactMap(\.self).joined(separator: ": ")
        try display.say("this copy failed: \(words)")
        let isHopeless = progress.cause == "noSpace"
        guard isHopeless || failed.count >= Self.attempts else { return }
        throw AdmFailure.operation(
            "the peer does not stream after \(failed.count) failed copies, the last one "
                + "(\(progress.origin)): \(words). The sitter goes on trying; its log says more"
        )
    }

    /// Takes the peer off the deposed ones.
    ///
    /// - Throws: `AdmFailure` if its data is still there: it may hold what the shard has lost.
    private func reap() async throws {
        guard !peer.hasDatabase else {
            throw AdmFailure.operation(
                "the request is gone, but the data was not set aside, so the peer stays deposed; "
                    + "the sitter's log says why"
            )
        }
        let zoneID = peer.zoneID
        try await StateEdit(field: "deposed") { fields in
            guard case .array(let deposed)? = fields["deposed"] else { return }
            fields["deposed"] = .array(deposed.filter { $0["zoneId"]?.text != zoneID })
        }.carryOut(on: target, in: session)
    }

    private func standstill(_ sight: Sight, _ streams: Bool) -> AdmFailure {
        let what =
            if sight.isRequested {
                "the peer does not stream: its sitter has not finished what was requested; its log "
                    + "says why"
            } else if streams {
                "the peer streams, but its sitter tells of no copy since the request, so its data "
                    + "may be the old: the sitter's log says what it did; if it made no copy, "
                    + "rebuild again"
            } else {
                "the peer does not stream: the shard has not taken it back; look with "
                    + "\"manatee-adm show\""
            }
        return .timeRanOut("nothing has changed for \(Self.patience / 60) minutes, and \(what)")
    }
}
