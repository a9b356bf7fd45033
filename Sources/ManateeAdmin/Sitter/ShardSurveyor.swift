package import ManateeCore
package import ManateePorts
import ManateeWire

/// Looks at the whole shard for one sitter's server, as `manatee-adm verify` and `history` do.
///
/// It looks often while somebody asks, and seldom otherwise, so that a shard of many peers is not busy with
/// looking at itself.
package actor ShardSurveyor: ShardSurvey {
    /// How often it looks while somebody asks.
    static let watchedPeriod = Duration.seconds(2)
    /// How often it looks otherwise.
    static let idlePeriod = Duration.seconds(15)
    /// How long an answer may take.
    static let limit = Duration.seconds(1)
    /// How many of the last changes are kept.
    static let keptChapters = 200

    private let status: any SitterStatus
    private let probe: any PostgresProbe
    private let history: @Sendable () async throws -> [HistoryEntry]
    private let roundTrip: @Sendable () async -> Duration?
    private let wallClock: @Sendable () -> WallTime
    private let clock = ContinuousClock()

    private var picture: ShardPicture?
    private var looked: ContinuousClock.Instant?
    private var asked: ContinuousClock.Instant?
    /// The version of the state whose history is known.
    private var known: StateVersion?

    /// A surveyor for the sitter that `status` tells of.
    ///
    /// - Parameters:
    ///   - status: who is in the shard.
    ///   - probe: looks at each peer's postgres.
    ///   - history: reads the shard's history.
    ///   - roundTrip: how long the store takes to answer; nil if it does not.
    ///   - wallClock: tells the time of day.
    package init(
        status: any SitterStatus,
        probe: any PostgresProbe,
        history: @escaping @Sendable () async throws -> [HistoryEntry],
        roundTrip: @escaping @Sendable () async -> Duration?,
        wallClock: @escaping @Sendable () -> WallTime
    ) {
        self.status = status
        self.probe = probe
        self.history = history
        self.roundTrip = roundTrip
        self.wallClock = wallClock
    }

    /// The newest picture; nil before the first.
    package func latest() -> ShardPicture? {
        asked = clock.now
        return picture
    }

    /// Looks until the task is cancelled.
    package func run() async {
        repeat {
            guard isDue else { continue }
            await look()
            looked = clock.now
            // Sleeping fails only by cancellation, which ends the survey.
        } while (try? await clock.sleep(for: .milliseconds(500))) != nil
    }

    private var isDue: Bool {
        guard let looked else { return true }
        let isWatched = asked.map { $0.duration(to: clock.now) < Self.idlePeriod } ?? false
        let period = isWatched ? Self.watchedPeriod : Self.idlePeriod
        return looked.duration(to: clock.now) >= period
    }

    /// Makes the next picture.
    func look() async {
        let view = await status.peerView()
        var next = ShardPicture(time: wallClock())
        if let state = view.state?.state {
            let details = ClusterDetails(
                state: state,
                postgres: await sightings(of: state.chain + state.deposed),
                present: view.activePeers,
                shortages: Dictionary(
                    view.activePeers.compactMap { peer in
                        ElectionNodeJSON.shortage(of: peer).map { (peer, $0) }
                    },
                    uniquingKeysWith: { first, _ in first }
                )
            )
            next.postgres = details.postgres
            next.facts = details.facts(at: next.time)
            next.issues = ClusterVerdict(details).issues.map {
                ShardPicture.Issue(isError: $0.level == .error, text: $0.message)
            }
        }
        next.history = picture?.history ?? []
        if view.storeConnected {
            next.storeRoundTrip = await roundTrip()
            if known != view.state?.version || picture?.historyFailure != nil {
                await readHistory(into: &next)
                known = view.state?.version
            }
        } else {
            next.historyFailure = picture?.historyFailure
        }
        picture = next
    }

    private func readHistory(into next: inout ShardPicture) async {
        do {
            let records = HistoryRecord.sorted(
                try await history().map { HistoryRecord($0) },
                by: .zkSeq
            )
            let earlier = [nil] + records.dropLast().map { Optional($0) }
            next.history = zip(records, earlier).suffix(Self.keptChapters).map { record, previous in
                ShardPicture.Chapter(
                    time: WallTime(milliseconds: record.milliseconds),
                    state: record.state,
                    summary: HistoryAnnotation(of: record, after: previous).text
                )
            }
        } catch {
            next.historyFailure = "\(error)"
        }
    }

    private func sightings(of peers: [Peer]) async -> [PeerID: PostgresSighting] {
        let (probe, limit) = (probe, Self.limit)
        return await withTaskGroup(of: (PeerID, PostgresSighting).self) { group in
            for peer in Set(peers) {
                group.addTask { (peer.id, await probe.probe(peer, within: limit)) }
            }
            var sightings: [PeerID: PostgresSighting] = [:]
            for await (id, sighting) in group { sightings[id] = sighting }
            return sightings
        }
    }
}
