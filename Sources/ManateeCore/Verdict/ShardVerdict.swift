/// What a shard is able to do now, and whether it needs somebody's help to do more.
///
/// No peer computes it and nothing follows from it: it is for operators and for the simulator.
package struct ShardVerdict: Equatable, Sendable, CustomStringConvertible {
    /// What clients can do.
    package enum Service: String, Sendable, CaseIterable {
        /// Nobody answers.
        case unavailable
        /// Standbys, or a primary whose commits would wait for ever, answer reads.
        case readOnly
        /// Writes are acknowledged.
        case readWrite
    }

    /// Why the peers will not get further by themselves.
    package enum OperatorReason: Equatable, Sendable, CustomStringConvertible {
        /// A peer remembers a newer generation than the store shows; nil: it shows nothing.
        case storeWentBack(known: Generation, shown: Generation?)
        /// The store was put back and led on into a history in which this peer had no part.
        case otherHistory(PeerID, Reign)
        /// Somebody ordered that nothing changes, and a change is needed.
        case frozen(Freeze)
        /// There are databases but no state says what they are.
        case databasesWithoutState([PeerID])
        /// The primary is gone for good, and the sync's copy lacks what the generation began with.
        case syncNotCaughtUp(PeerID, needed: LSN)
        /// The primary is gone for good, and nobody who is listed could become the sync's sync.
        case noCandidate(PeerID)
        /// Primary and sync have both lost their copies.
        case chainLost(Generation)
        /// The primary acknowledged alone, and has lost its copy.
        case loneCopyLost(Generation)

        /// What is wrong and what to do.
        package var description: String {
            switch self {
            case .storeWentBack(let known, let shown):
                """
                the store shows \(shown.map { "generation \($0)" } ?? "no state"), but a peer \
                remembers a newer one of generation \(known): restore the store, or write the newest state anew
                """
            case .otherHistory(let peer, let known):
                """
                \(peer) acted in a generation \(known.generation) of \(known.primary), which the \
                store's history does not have: decide which data to keep, and move the data and \
                the memory file of the others away
                """
            case .frozen(let freeze):
                """
                the shard is frozen\(freeze.reason.map { " (\($0))" } ?? "") and needs a change \
                of roles: unfreeze it
                """
            case .databasesWithoutState(let peers):
                """
                \(peers.map(\.text).joined(separator: ", ")) hold a database, but the store has \
                no cluster state: write the state anew, or remove what is not wanted
                """
            case .syncNotCaughtUp(let peer, let needed):
                """
                the primary does not hold its database any more, and \(peer) ends before \
                \(needed), where the generation began: bring the primary's disk back, or accept \
                the loss and rebuild
                """
            case .noCandidate(let peer):
                """
                the primary does not hold its database any more; \(peer) has everything, but no \
                listed async is present to become its sync: bring one back, or list a peer that \
                is to copy from \(peer)
                """
            case .chainLost(let generation):
                """
                neither primary nor sync of generation \(generation) holds its database: restore \
                a backup
                """
            case .loneCopyLost(let generation):
                """
                the primary of generation \(generation), which acknowledges alone in one-node-write mode, \
                does not hold its database any more: bring its disk back, or restore a backup
                """
            }
        }
    }

    /// What clients can do.
    package var service: Service
    /// Why somebody must help; nil if the shard heals by itself or needs no healing.
    package var needsOperator: OperatorReason?

    /// The verdict on what was observed.
    package init(_ shard: ShardObservation) {
        service = ShardVerdict.service(of: shard)
        needsOperator =
            ShardVerdict.wentBack(shard)
            ?? (service == .readWrite ? nil : ShardVerdict.reason(shard))
    }

    /// Service and reason in one line.
    package var description: String {
        "\(service.rawValue)\(needsOperator.map { "; needs an operator: \($0)" } ?? "")"
    }

    private static func service(of shard: ShardObservation) -> Service {
        guard shard.peers.values.contains(where: { $0.isRunning && $0.admitsClients }) else {
            return .unavailable
        }
        guard let state = shard.state?.state, let primary = shard.peers[state.primary.id],
            primary.isRunning, !primary.isInRecovery, primary.admitsClients,
            newestRemembered(shard).map({ $0.state.generation <= state.generation }) ?? true
        else { return .readOnly }
        guard let sync = state.sync else {
            return state.oneNodeWriteMode ? .readWrite : .readOnly
        }
        return primary.standbys.contains(sync.id) ? .readWrite : .readOnly
    }

    /// Whether the store shows less than a peer remembers.
    private static func wentBack(_ shard: ShardObservation) -> OperatorReason? {
        guard let known = newestRemembered(shard) else { return nil }
        guard let shown = shard.state else {
            return .storeWentBack(known: known.state.generation, shown: nil)
        }
        if isNewer(known, than: shown) {
            return .storeWentBack(known: known.state.generation, shown: shown.state.generation)
        }
        for (peer, status) in shard.peers.sorted(by: { $0.key < $1.key }) {
            guard let reign = status.remembered?.state.reign, shown.state.contradicts(reign)
            else { continue }
            return .otherHistory(peer, reign)
        }
        return nil
    }

    private static func newestRemembered(_ shard: ShardObservation) -> VersionedState? {
        shard.peers.values.compactMap(\.remembered).max { isNewer($1, than: $0) }
    }

    private static func isNewer(_ left: VersionedState, than right: VersionedState) -> Bool {
        left.state.generation == right.state.generation
            ? left.version > right.version : left.state.generation > right.state.generation
    }

    private static func reason(_ shard: ShardObservation) -> OperatorReason? {
        guard let state = shard.state?.state else {
            let holders = shard.peers.filter { $0.value.log != nil }.map(\.key).sorted()
            return holders.isEmpty ? nil : .databasesWithoutState(holders)
        }
        if let freeze = state.freeze { return .frozen(freeze) }
        let primary = shard.peers[state.primary.id]
        guard primary?.hasCompleteCopy == false else { return nil }
        if state.oneNodeWriteMode { return .loneCopyLost(state.generation) }
        guard let sync = state.sync, let standby = shard.peers[sync.id] else { return nil }
        guard standby.hasCompleteCopy, let log = standby.log else {
            return .chainLost(state.generation)
        }
        let isEnough = state.start.map(log.contains) ?? (state.initWAL <= log.end.lsn)
        guard isEnough else { return .syncNotCaughtUp(sync.id, needed: state.initWAL) }
        let hasCandidate = state.async.contains { shard.present.contains($0.id) }
        return hasCandidate ? nil : .noCandidate(sync.id)
    }
}
