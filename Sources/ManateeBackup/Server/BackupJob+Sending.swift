import ManateePorts
import ManateeStorage
import NIOCore

/// Nobody wants the stream any more.
private struct Unwanted: Error {}

extension BackupJob {
    /// Makes the frames of the whole stream; ends when the last one is made or nobody wants them.
    func send(from storage: any DataStorage, bytesPerSecond: Int64?) async {
        let maker = FrameMaker(self, bytesPerSecond: bytesPerSecond)
        do {
            if offer.base != offer.snapshot { try await send(from: storage, by: maker) }
            try await maker.finish()
            sent()
        } catch is Unwanted {
            return
        } catch {
            let reason = "the source failed: \(error)"
            await maker.fail(reason)
            end(.failed(reason), at: .now)
        }
    }

    private func send(from storage: any DataStorage, by maker: FrameMaker) async throws {
        try await storage.send(offer.snapshot, since: offer.base) { stream in
            let counted = self.counted(stream)
            switch self.copy.compression {
            case .none:
                try await maker.take(counted)
            case .zstd:
                try await StreamFilter.compress.run(over: counted) { short in
                    try await maker.take(short)
                }
            }
        }
    }

    private func counted(_ stream: some StorageStream) -> any StorageStream {
        CountedStream(base: stream) { self.count($0) }
    }
}

/// Cuts a stream into frames and puts them into the job's window, not faster than allowed.
private actor FrameMaker {
    private let window: FrameWindow
    private var chain: FrameChain
    private var limit: RateLimit?
    private var pending: [UInt8] = []

    init(_ job: BackupJob, bytesPerSecond: Int64?) {
        window = job.window
        chain = FrameChain(job.offer)
        limit = RateLimit(bytesPerSecond, now: .now)
    }

    func take(_ stream: any StorageStream) async throws {
        try await takeAll(stream)
    }

    private func takeAll(_ stream: some StorageStream) async throws {
        for try await chunk in stream {
            var rest = chunk[...]
            while !rest.isEmpty {
                // The usual chunk is as long as a frame, and is copied only once: into it.
                let part = rest.prefix(BackupFrame.chunk - pending.count)
                rest = rest.dropFirst(part.count)
                if part.count == BackupFrame.chunk {
                    try await put(.data, part)
                    continue
                }
                pending += part
                guard pending.count == BackupFrame.chunk else { continue }
                try await put(.data, pending)
                pending.removeAll(keepingCapacity: true)
            }
        }
        guard !pending.isEmpty else { return }
        let rest = pending
        pending = []
        try await put(.data, rest)
    }

    func finish() async throws {
        try await put(.end, EmptyCollection(), isLast: true)
    }

    func fail(_ reason: String) async {
        // A receiver that went away needs no reason.
        try? await put(
            .failure,
            Array(reason.utf8.prefix(BackupFrame.longestPayload)),
            isLast: true
        )
    }

    private func put(
        _ kind: BackupFrame.Kind,
        _ payload: some Collection<UInt8>,
        isLast: Bool = false
    ) async throws {
        let frame = chain.encode(kind, payload)
        let idle = chain.encode(.idle, EmptyCollection())
        guard await window.put(frame, idle: idle, isLast: isLast) else { throw Unwanted() }
        if let wait = limit?.wait(after: frame.readableBytes, at: .now), wait > .zero {
            do {
                try await Task.sleep(for: wait)
            } catch {
                throw Unwanted()
            }
        }
    }
}

extension FrameChain {
    /// The chain of what is offered, before its first frame.
    init(_ offer: CopyOffer) {
        self.init(job: offer.job, snapshot: offer.snapshot.text, base: offer.base?.text)
    }
}
