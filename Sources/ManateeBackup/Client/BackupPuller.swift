package import Logging
package import ManateePorts
import ManateeStorage

/// Copies other peers' data from their backup servers.
package struct BackupPuller: CopySource {
    /// How often the source hears that the receiver lives, as a part of what it waits.
    private static let signsOfLife = 4

    private let token: BackupToken
    private let patience: StreamFetch.Patience
    private let logger: Logger

    /// A puller that shows `token`.
    ///
    /// - Parameters:
    ///   - token: the shard's.
    ///   - silence: how long a connection may bring nothing before another is tried; default 30 s. The
    ///     server says every second that it lives.
    ///   - outage: how long new connections are tried after one was lost; default 45 s. It should be
    ///     shorter than what the server waits for a silent receiver, 60 s by default.
    ///   - logger: for lost connections and the like.
    package init(
        token: BackupToken,
        silence: Duration = .seconds(30),
        outage: Duration = .seconds(45),
        logger: Logger
    ) {
        self.token = token
        self.logger = logger
        patience = StreamFetch.Patience(silence: silence, outage: outage)
    }

    /// Copies a snapshot, as the port says.
    package func pull(
        _ request: CopyRequest,
        from url: String,
        into storage: any DataStorage,
        preparing: @escaping @Sendable (CopyOffer) async throws -> Void,
        progress: @escaping @Sendable (CopyProgress) async -> Void
    ) async throws -> CopyOffer {
        try await JobLink.with(url, token: token) { link in
            let able = try await Self.capabilities(of: storage)
            let offer = try await link.begin(
                BackupBodies.Request(copy: request, streamFormat: able.streamFormat)
            )
            let copy = offer.copy
            do {
                try Self.requireBase(of: copy, in: request)
                try await Self.requireSpace(for: copy, in: storage)
                try await keepingAlive(offer, over: link) { fetch in
                    try await preparing(copy)
                    guard copy.base != copy.snapshot else { return }
                    let meter = ProgressMeter(total: copy.size, tell: progress)
                    try await receive(copy, request.compression, fetch, into: storage, meter)
                    await meter.report()
                }
            } catch {
                let failure = Self.readable(error)
                _ = await link.tell(.failed("\(failure)"), about: copy.job)
                throw failure
            }
            // The copy is complete whether the source hears it or not: it will see the silence.
            if await !link.tell(.received, about: copy.job) {
                logger.warning(
                    "source did not hear that the copy is complete",
                    metadata: ["backup.source": "\(url)", "backup.job": "\(copy.job)"]
                )
            }
            return copy
        }
    }

    /// Runs `body`, and lets the source know that the receiver lives, whatever takes long.
    private func keepingAlive(
        _ offer: BackupBodies.Offer,
        over link: JobLink,
        _ body: @escaping @Sendable (StreamFetch) async throws -> Void
    ) async throws {
        let fetch = StreamFetch(link, offer.copy, patience: patience)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await body(fetch)
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: .seconds(offer.expiresAfter) / Self.signsOfLife)
                    do {
                        try await link.look(at: offer.copy.job)
                    } catch let failure as CopyFailure where failure.kind != .unreachable {
                        // What is there completely needs the source no more.
                        if fetch.isComplete { continue }
                        throw failure
                    } catch {
                        // Whether it can be reached is judged by the stream.
                        continue
                    }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func receive(
        _ offer: CopyOffer,
        _ compression: CopyRequest.Compression,
        _ fetch: StreamFetch,
        into storage: any DataStorage,
        _ meter: ProgressMeter
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await fetch.run() }
            do {
                switch compression {
                case .none:
                    try await storage.receive(
                        offer.snapshot,
                        since: offer.base,
                        from: Self.counted(fetch.stream, meter)
                    )
                case .zstd:
                    try await StreamFilter.decompress.run(over: fetch.stream) { plain in
                        try await storage.receive(
                            offer.snapshot,
                            since: offer.base,
                            from: Self.counted(plain, meter)
                        )
                    }
                }
                try await group.waitForAll()
            } catch {
                group.cancelAll()
                throw error
            }
        }
    }

    private static func counted(
        _ stream: some StorageStream,
        _ meter: ProgressMeter
    ) -> any StorageStream {
        CountedStream(base: stream) { await meter.count($0) }
    }

    /// A base that was not named is no reason to roll anything back.
    private static func requireBase(
        of offer: CopyOffer,
        in request: CopyRequest
    ) throws(CopyFailure) {
        guard let base = offer.base, !request.having.contains(base) else { return }
        throw CopyFailure(
            .noCommonSnapshot,
            "the source offers the difference to \(base), which was not among the snapshots here"
        )
    }

    private static func requireSpace(
        for offer: CopyOffer,
        in storage: any DataStorage
    ) async throws {
        guard offer.base == nil, let size = offer.size else { return }
        let free = try await storage.space().free
        guard size > free else { return }
        throw CopyFailure(
            .noSpace,
            "snapshot \(offer.snapshot) has \(size) bytes, and \(free) are free for"
                + " \(storage.dataPath): make room, for example by destroying what was set aside"
        )
    }

    // MARK: Failures

    private static func capabilities(
        of storage: any DataStorage
    ) async throws(CopyFailure) -> StorageCapabilities {
        do {
            return try await storage.capabilities()
        } catch {
            throw CopyFailure(error)
        }
    }

    /// The failure that callers know, if it is one of the copy; what `preparing` throws stays.
    private static func readable(_ error: any Error) -> any Error {
        switch error {
        case let failure as StorageFailure: CopyFailure(failure)
        case is CancellationError: CopyFailure(.cancelled, "the copy was cancelled")
        default: error
        }
    }
}

extension CopyFailure {
    /// What a failure of the storage here means for the copy.
    init(_ failure: StorageFailure) {
        let kind: Kind =
            switch failure.kind {
            case .noSpace: .noSpace
            case .badStream: .badStream
            case .noCommonSnapshot: .noCommonSnapshot
            case .cancelled: .cancelled
            case .missing, .exists, .inUse, .foreignMount, .held, .hasClones, .newerSnapshots,
                .tooManyIsolated, .unsupported, .notPermitted, .timedOut, .failed:
                .storage(failure.kind)
            }
        self.init(kind, failure.detail)
    }
}
