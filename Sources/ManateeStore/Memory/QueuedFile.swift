import Dispatch
import ManateeCore

/// A durable file whose blocking calls are made in order on a queue of its own: not on the threads that
/// tasks share.
final class QueuedFile: Sendable {
    let path: String
    private let queue: DispatchQueue

    init(path: String, label: String) {
        self.path = path
        queue = DispatchQueue(label: label)
    }

    /// The file's content; nil if there is no file.
    func read(limit: Int) async throws(EffectFailure) -> [UInt8]? {
        let path = path
        return try await blocking { () throws(DurableFile.Failure) in
            try DurableFile.read(path, limit: limit)
        }
    }

    /// Puts `content` in the file's place; returns when that would survive a power failure.
    func replace(with content: [UInt8]) async throws(EffectFailure) {
        let path = path
        try await blocking { () throws(DurableFile.Failure) in
            try DurableFile.replace(path, with: content)
        }
    }

    private func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws(DurableFile.Failure) -> Value
    ) async throws(EffectFailure) -> Value {
        let result: Result<Value, DurableFile.Failure> = await withCheckedContinuation { waiter in
            queue.async {
                do throws(DurableFile.Failure) {
                    waiter.resume(returning: .success(try body()))
                } catch {
                    waiter.resume(returning: .failure(error))
                }
            }
        }
        switch result {
        case .success(let value): return value
        case .failure(let failure): throw EffectFailure(failure.description)
        }
    }
}
