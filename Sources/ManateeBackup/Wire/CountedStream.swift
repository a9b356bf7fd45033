import ManateePorts

/// A stream that tells how much of it was read.
struct CountedStream<Base: StorageStream>: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error

    struct Iterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        let count: @Sendable (Int) async -> Void

        mutating func next() async throws -> [UInt8]? {
            guard let chunk = try await base.next(isolation: #isolation) else { return nil }
            await count(chunk.count)
            return chunk
        }
    }

    let base: Base
    let count: @Sendable (Int) async -> Void

    func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), count: count)
    }
}
