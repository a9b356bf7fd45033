import Dispatch

/// Runs an actor's jobs on a thread of their own, where they may block.
///
/// libpq blocks; on the cooperative pool a few hung servers would stop the whole process.
final class ThreadExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async {
            job.runSynchronously(on: self.asUnownedSerialExecutor())
        }
    }
}
