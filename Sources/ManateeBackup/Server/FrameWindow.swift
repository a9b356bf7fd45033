import NIOCore
import Synchronization

/// The frames of one job between the task that makes them and the connection that sends them.
///
/// It holds a few frames ahead of the connection, so that the sender pauses when the receiver does, and
/// the last ones behind it, so that a receiver that lost its connection can go on where it was. What a
/// broken connection can swallow is what the kernels and libraries of both sides buffer, far less than
/// is kept.
final class FrameWindow: Sendable {
    /// What the reader is told.
    enum Step: Equatable {
        case frame(ByteBuffer)
        /// Nothing came for a while.
        case idle(ByteBuffer)
        /// Nothing will come any more for this reader.
        case over
    }

    /// How much is kept.
    struct Limits: Equatable, Sendable {
        /// Bytes that wait for the connection before the maker must; default 1 MB.
        var ahead = 1 << 20
        /// Bytes that are kept after they were sent; default 16 MB.
        var behind = 16 << 20
    }

    private struct State {
        /// The kept frames; the first one's number is `first`.
        var frames: [ByteBuffer] = []
        var first: UInt64 = 0
        /// The number of the frame that is sent next.
        var next: UInt64 = 0
        var bytes = 0
        var bytesAhead = 0
        /// The frame that says that there is none yet.
        var idle = ByteBuffer()
        /// No frame follows the last one.
        var isComplete = false
        var isClosed = false
        var reader: Int = 0
        var waitingReader: CheckedContinuation<Step, Never>?
        var waitingMaker: CheckedContinuation<Bool, Never>?
    }

    private let limits: Limits
    private let state = Mutex(State())

    init(_ limits: Limits = Limits()) {
        self.limits = limits
    }

    /// The bytes that are held now.
    var heldBytes: Int { state.withLock { $0.bytes } }

    /// Adds a frame, and returns when there is room for another.
    ///
    /// - Parameters:
    ///   - frame: what is added.
    ///   - idle: the frame that tells that nothing follows yet.
    ///   - isLast: whether nothing will follow at all.
    /// - Returns: whether somebody may still want more.
    func put(_ frame: ByteBuffer, idle: ByteBuffer, isLast: Bool = false) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let wake = state.withLock { state -> [() -> Void] in
                    guard !state.isClosed, !state.isComplete else {
                        return [{ continuation.resume(returning: false) }]
                    }
                    state.frames.append(frame)
                    state.bytes += frame.readableBytes
                    state.bytesAhead += frame.readableBytes
                    state.idle = idle
                    state.isComplete = isLast
                    let reader = self.serveReader(&state)
                    if isLast || state.bytesAhead < self.limits.ahead {
                        return [reader, { continuation.resume(returning: true) }]
                    }
                    state.waitingMaker = continuation
                    return [reader]
                }
                for act in wake { act() }
            }
        } onCancel: {
            close()
        }
    }

    /// Makes a connection the reader, from the frame `sequence` on; an earlier one is over.
    ///
    /// - Returns: the reader; nil if that frame is not kept any more or is not made yet.
    func attach(from sequence: UInt64) -> Int? {
        let (reader, wake) = state.withLock { state -> (Int?, () -> Void) in
            let end = state.first + UInt64(state.frames.count)
            guard !state.isClosed, (state.first...end).contains(sequence) else { return (nil, {}) }
            state.next = sequence
            state.bytesAhead = state.frames.dropFirst(Int(sequence - state.first))
                .reduce(0) { $0 + $1.readableBytes }
            state.reader += 1
            let old = state.waitingReader.take()
            return (state.reader, { old?.resume(returning: .over) })
        }
        wake()
        return reader
    }

    /// What to send next to the reader.
    func next(_ reader: Int) async -> Step {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let wake = state.withLock { state -> [() -> Void] in
                    guard !state.isClosed, state.reader == reader else {
                        return [{ continuation.resume(returning: .over) }]
                    }
                    state.waitingReader = continuation
                    return [self.serveReader(&state), self.serveMaker(&state)]
                }
                for act in wake { act() }
            }
        } onCancel: {
            // The connection goes; the job waits for another.
            let waiting = state.withLock { state in
                state.reader == reader ? state.waitingReader.take() : nil
            }
            waiting?.resume(returning: .over)
        }
    }

    /// Lets a reader that waits send a sign of life.
    func tick() {
        let wake = state.withLock { state -> () -> Void in
            guard !state.idle.readableBytesView.isEmpty, let reader = state.waitingReader.take()
            else { return {} }
            let idle = state.idle
            return { reader.resume(returning: .idle(idle)) }
        }
        wake()
    }

    /// Nothing more will be made: the maker goes, a reader takes what is left.
    func seal() {
        let (maker, reader) = state.withLock { state in
            state.isComplete = true
            return (state.waitingMaker.take(), serveReader(&state))
        }
        maker?.resume(returning: false)
        reader()
    }

    /// Nothing is wanted any more: maker and reader go.
    func close() {
        let (maker, reader) = state.withLock { state in
            state.isClosed = true
            state.frames = []
            state.bytes = 0
            return (state.waitingMaker.take(), state.waitingReader.take())
        }
        maker?.resume(returning: false)
        reader?.resume(returning: .over)
    }

    private func serveReader(_ state: inout State) -> () -> Void {
        guard let reader = state.waitingReader else { return {} }
        let index = Int(state.next - state.first)
        guard index < state.frames.count else {
            guard state.isComplete else { return {} }
            state.waitingReader = nil
            return { reader.resume(returning: .over) }
        }
        let frame = state.frames[index]
        state.next += 1
        state.bytesAhead -= frame.readableBytes
        state.waitingReader = nil
        trim(&state)
        return { reader.resume(returning: .frame(frame)) }
    }

    private func serveMaker(_ state: inout State) -> () -> Void {
        guard state.bytesAhead < limits.ahead, let maker = state.waitingMaker.take() else {
            return {}
        }
        return { maker.resume(returning: true) }
    }

    /// Drops the oldest frames that were sent, as far as more than enough are kept.
    private func trim(_ state: inout State) {
        while state.first + 1 < state.next, let oldest = state.frames.first,
            state.bytes - state.bytesAhead - oldest.readableBytes >= limits.behind
        {
            state.frames.removeFirst()
            state.first += 1
            state.bytes -= oldest.readableBytes
        }
    }
}
