import ManateeCore
import ManateePorts

/// A postgres that records what it is asked for, and can be told to take its time or to fail.
actor ScriptedPostgres: PostgresControl {
    nonisolated let events: AsyncStream<PostgresEvent>
    nonisolated private let continuation: AsyncStream<PostgresEvent>.Continuation
    private(set) var configurations: [PostgresConfiguration] = []
    private(set) var stops: [AcknowledgementStop] = []
    private(set) var prepared: [Peer] = []
    private(set) var gateOrders: [GateOrder] = []
    private(set) var cancellations = 0
    private(set) var isShutDown = false
    private let found: PostgresInventory
    private let position: WALPosition
    private var copiesForEver = false

    init(
        found: PostgresInventory = .empty,
        position: WALPosition = WALPosition(timeline: TimelineID(1), lsn: LSN(100))
    ) {
        self.found = found
        self.position = position
        (events, continuation) = AsyncStream.makeStream()
    }

    /// From now on becoming a standby ends only by cancellation.
    func copyForEver() { copiesForEver = true }

    nonisolated func hearSync(_ isHeard: Bool) { continuation.yield(.syncHeard(isHeard)) }

    nonisolated func openWrites(in generation: Generation) {
        continuation.yield(.attached(generation))
        continuation.yield(.writesOpened(generation))
    }

    nonisolated func lose(_ detail: String) { continuation.yield(.lost(detail)) }

    func inventory() async throws(PostgresFailure) -> PostgresInventory { found }

    func configure(
        _ configuration: PostgresConfiguration
    ) async throws(PostgresFailure)
        -> SystemIdentifier?
    {
        configurations.append(configuration)
        if copiesForEver, case .standby = configuration {
            let never = AsyncStream<Never> { _ in }
            for await _ in never {}
            cancellations += 1
            throw PostgresFailure(.cancelled, "the copy was given up")
        }
        return SystemIdentifier(1)
    }

    func stopAcknowledgements(_ how: AcknowledgementStop) async throws(PostgresFailure) -> WALSample
    {
        stops.append(how)
        return WALSample(end: position)
    }

    func prepareHandover(to sync: Peer) async throws(PostgresFailure) { prepared.append(sync) }
    func order(_ gate: GateOrder) async throws(PostgresFailure) { gateOrders.append(gate) }

    func status() async -> PostgresStatus { PostgresStatus(running: !isShutDown) }

    func shutDown(within limit: Duration) async { isShutDown = true }
}

/// A memory that is as durable as the test.
actor VolatileMemory: MemoryStorage {
    private(set) var saved: [PeerMemory] = []
    private let unreadable: EffectFailure?

    init(unreadable: EffectFailure? = nil) { self.unreadable = unreadable }

    func load() async throws(EffectFailure) -> PeerMemory {
        if let unreadable { throw unreadable }
        return saved.last ?? PeerMemory()
    }

    func save(_ memory: PeerMemory) async throws(EffectFailure) { saved.append(memory) }
}
