import ManateePorts
import Synchronization

/// Hands chunks from one task to another, one at a time: the producer goes on when the consumer asks
/// for more.
///
/// The producer must always `finish`; then nobody waits here for ever, cancelled or not.
package final class Handover: Sendable {
    private enum Phase {
        case empty
        /// The consumer waits.
        case wanted(CheckedContinuation<[UInt8]?, any Error>)
        /// A chunk waits for the consumer, and the producer for its next wish.
        case offered([UInt8], CheckedContinuation<Void, any Error>)
        /// The consumer went away; the producer must stop.
        case abandoned
        case finished((any Error)?)
    }

    private let phase = Mutex(Phase.empty)

    /// A handover that nothing was offered to yet.
    package init() {}

    /// Offers a chunk, and returns when it is taken.
    ///
    /// - Throws: `CancellationError` if nobody will take it.
    package func put(_ chunk: [UInt8]) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let wake = phase.withLock { phase -> (() -> Void) in
                    switch phase {
                    case .empty:
                        phase = .offered(chunk, continuation)
                        return {}
                    case .wanted(let consumer):
                        phase = .empty
                        return {
                            consumer.resume(returning: chunk)
                            continuation.resume()
                        }
                    case .abandoned, .finished:
                        return { continuation.resume(throwing: CancellationError()) }
                    case .offered:
                        preconditionFailure("two producers hand over at once")
                    }
                }
                wake()
            }
        } onCancel: {
            abandon()
        }
    }

    /// Tells the consumer that there is no more, or why.
    package func finish(throwing error: (any Error)? = nil) {
        let consumer = phase.withLock { phase -> CheckedContinuation<[UInt8]?, any Error>? in
            switch phase {
            case .empty, .abandoned, .finished:
                phase = .finished(error)
                return nil
            case .wanted(let consumer):
                phase = .finished(error)
                return consumer
            case .offered:
                preconditionFailure("the producer finishes while it hands over")
            }
        }
        if let error { consumer?.resume(throwing: error) } else { consumer?.resume(returning: nil) }
    }

    /// Whether the producer has said that there is no more.
    var isFinished: Bool {
        phase.withLock { phase in
            switch phase {
            case .finished: true
            case .empty, .wanted, .offered, .abandoned: false
            }
        }
    }

    /// Lets the producer know that nobody wants more.
    private func abandon() {
        let producer = phase.withLock { phase -> CheckedContinuation<Void, any Error>? in
            switch phase {
            case .empty:
                phase = .abandoned
                return nil
            case .offered(_, let producer):
                phase = .abandoned
                return producer
            case .wanted, .abandoned, .finished:
                return nil
            }
        }
        producer?.resume(throwing: CancellationError())
    }

    /// The next chunk; nil at the end.
    func next() async throws -> [UInt8]? {
        try await withCheckedThrowingContinuation { continuation in
            let wake = phase.withLock { phase -> (() -> Void) in
                switch phase {
                case .empty, .abandoned:
                    phase = .wanted(continuation)
                    return {}
                case .offered(let chunk, let producer):
                    phase = .empty
                    return {
                        continuation.resume(returning: chunk)
                        producer.resume()
                    }
                case .finished(let error):
                    return {
                        if let error {
                            continuation.resume(throwing: error)
                        } else {
                            continuation.resume(returning: nil)
                        }
                    }
                case .wanted:
                    preconditionFailure("two consumers read one stream")
                }
            }
            wake()
        }
    }
}

/// The consumer's side of a handover; can be read once.
package struct HandoverStream: AsyncSequence, Sendable {
    /// Chunks of bytes.
    package typealias Element = [UInt8]
    /// Whatever the producer ends by.
    package typealias Failure = any Error

    /// The one reader.
    package struct Iterator: AsyncIteratorProtocol {
        let handover: Handover

        package mutating func next() async throws -> [UInt8]? { try await handover.next() }
    }

    let handover: Handover

    /// What comes through `handover`.
    package init(handover: Handover) { self.handover = handover }

    package func makeAsyncIterator() -> Iterator { Iterator(handover: handover) }
}
