import AsyncHTTPClient
import ManateePorts
import ManateeStorage
import NIOCore
import Synchronization

/// Reads a job's stream to its end, over as many connections as it takes, and hands on what is checked.
final class StreamFetch: Sendable {
    /// The pause before the first and before every later new connection; it doubles between.
    private static let pause = (first: Duration.milliseconds(100), longest: Duration.seconds(2))

    /// How long it waits.
    struct Patience: Equatable, Sendable {
        /// For a connection that says nothing, not even that the sender lives.
        var silence: Duration
        /// For a new connection that brings something, after one was lost.
        var outage: Duration
    }

    private struct State {
        var reader: FrameReader
        /// Since when the network owes something; nil while the storage does.
        var waitingSince: ContinuousClock.Instant?
        var isComplete = false
    }

    private let link: JobLink
    private let job: String
    private let patience: Patience
    private let state: Mutex<State>
    private let handover = Handover()

    init(_ link: JobLink, _ offer: CopyOffer, patience: Patience) {
        self.link = link
        self.patience = patience
        job = offer.job
        state = Mutex(State(reader: FrameReader(FrameChain(offer))))
    }

    /// The checked bytes; they end regularly only if all of them came.
    var stream: HandoverStream { HandoverStream(handover: handover) }

    /// Whether all of the stream came and was right.
    var isComplete: Bool { state.withLock { $0.isComplete } }

    /// Fetches everything.
    ///
    /// - Throws: `CopyFailure`, which the reader of `stream` gets as well.
    func run() async throws {
        do {
            try await fetch()
            handover.finish()
        } catch {
            handover.finish(throwing: error)
            throw error
        }
    }

    private func fetch() async throws {
        var lostSince: ContinuousClock.Instant?
        var pause = Self.pause.first
        while true {
            let before = sequence
            do {
                try await fetchOnce()
                if isComplete { return }
                // It ended before its end: whoever did that, the server may know why.
                try await link.look(at: job)
            } catch let failure as CopyFailure where failure.kind != .unreachable {
                throw failure
            } catch {
                let since = sequence > before ? .now : lostSince ?? .now
                guard ContinuousClock.now - since < patience.outage else { throw error }
                lostSince = since
            }
            if sequence > before { pause = Self.pause.first }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw link.lost(error)
            }
            pause = min(pause * 2, Self.pause.longest)
        }
    }

    private var sequence: UInt64 { state.withLock { $0.reader.chain.sequence } }

    /// One connection, from where the last one broke.
    private func fetchOnce() async throws {
        state.withLock { state in
            state.reader.restart()
            state.waitingSince = .now
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.watch() }
            group.addTask { try await self.read() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func read() async throws {
        let body = try await link.stream(of: job, from: sequence)
        do {
            for try await bytes in body {
                state.withLock { $0.reader.append(bytes) }
                while let frame = try nextFrame() { if try await take(frame) { return } }
                state.withLock { $0.waitingSince = .now }
            }
        } catch let failure as CopyFailure {
            throw failure
        } catch {
            throw link.lost(error)
        }
    }

    private func nextFrame() throws(CopyFailure) -> BackupFrame? {
        do {
            return try state.withLock { state throws(FrameError) in
                state.waitingSince = nil
                return try state.reader.next()
            }
        } catch {
            throw CopyFailure(
                .badStream,
                "the stream of job \(job) from \(link.server) is damaged: \(error)"
            )
        }
    }

    /// Hands a frame on; true if it was the last.
    private func take(_ frame: BackupFrame) async throws -> Bool {
        switch frame.kind {
        case .data:
            do {
                try await handover.put(Array(frame.payload.readableBytesView))
            } catch {
                throw link.lost(error)
            }
            return false
        case .idle:
            return false
        case .end:
            state.withLock { $0.isComplete = true }
            return true
        case .failure:
            throw CopyFailure(
                .sourceFailed,
                "\(link.server) says: \(String(buffer: frame.payload))"
            )
        }
    }

    /// Gives up on a connection that brings nothing.
    private func watch() async throws {
        while true {
            let since = state.withLock { $0.waitingSince } ?? .now
            let left = patience.silence - (ContinuousClock.now - since)
            guard left > .zero else {
                throw CopyFailure(
                    .unreachable,
                    "the backup server \(link.server) has sent nothing for \(patience.silence)"
                )
            }
            do {
                try await Task.sleep(for: left)
            } catch {
                throw link.lost(error)
            }
        }
    }
}
