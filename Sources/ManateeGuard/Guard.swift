import CLinux
import Glibc

/// Watches a sitter, and stops its postgres when that has run without one for the limit.
///
/// A sitter that dies alone must cost nothing, so postgres outlives it, and the next one adopts it.
/// But a postgres without a sitter cannot learn that it was replaced, and shows its readers an ever
/// older past; nobody but this process bounds that.
///
/// It knows the sitter by its standard input: words while it lives, the end of the input when it is
/// dead. Its standard output is the guard file, which connects it with the sitters to come:
/// - A living sitter holds the lock of the file, and before it starts or adopts a server it starts a
///   guard of its own and then writes who it is into the file. A guard that reads another sitter's
///   name has a successor, and leaves.
/// - To stop the server of a dead sitter a guard must get the lock. So no sitter adopts a server that
///   is being stopped, and no guard stops one that was adopted.
///
/// What it does is appended to the file; the next sitter tells it in its log.
package struct Guard {
    /// How long to wait until a sitter that has the lock, and no guard yet, has one.
    static let beginning = Duration.seconds(1)

    private let order: GuardOrder
    private let input: Int32
    private let file: Int32

    /// A guard of this order.
    ///
    /// - Parameters:
    ///   - order: what to do.
    ///   - input: where the sitter speaks.
    ///   - file: the guard file, open for reading and appending, not shared with anybody.
    package init(_ order: GuardOrder, input: Int32, file: Int32) {
        self.order = order
        self.input = input
        self.file = file
    }

    private enum Ending {
        case dead
        case dismissed
    }

    /// Guards until nothing is left to guard.
    package func run() {
        // Nothing may be kept from being unmounted.
        chdir("/")
        switch awaitEnding() {
        case .dismissed: return
        case .dead: outlive()
        }
    }

    // MARK: While the sitter lives

    private func awaitEnding() -> Ending {
        var silence = Silence(limit: order.limit)
        var last = Self.uptime
        while true {
            // After a stop there is nothing to count until the sitter speaks again.
            let pause = silence.isOver ? -1 : Int32(clamping: silence.pause.milliseconds)
            var look = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
            let result = poll(&look, 1, pause)
            let now = Self.uptime
            defer { last = now }
            if result == 1 {
                if let ending = listen() { return ending }
                silence.heard()
            } else {
                silence.wokeUp(after: now - last)
                if silence.isOver { stopServer(because: .silent) }
            }
        }
    }

    /// Takes what the sitter said; nil if it lives and wants to be guarded.
    private func listen() -> Ending? {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            let count = read(input, buffer.baseAddress, buffer.count)
            if count < 0 && (errno == EINTR || errno == EAGAIN) { return nil }
            guard count > 0 else { return .dead }
            return buffer.prefix(count).contains(GuardWord.dismissed.rawValue) ? .dismissed : nil
        }
    }

    // MARK: When it is dead

    private func outlive() {
        let notices = inotify_init1(Int32(IN_CLOEXEC))
        // Without notices it would still leave at the limit, when it does not get the lock.
        inotify_add_watch(notices, "/proc/self/fd/\(file)", UInt32(IN_MODIFY))
        var deadline = Self.uptime + order.limit
        while true {
            if hasSuccessor { return }
            let left = deadline - Self.uptime
            if left > .zero {
                awaitNotice(notices, within: left)
            } else if flock(file, LOCK_EX | LOCK_NB) == 0 {
                // Held until this process ends.
                if !hasSuccessor { stopServer(because: .dead) }
                return
            } else {
                deadline = Self.uptime + Self.beginning
            }
        }
    }

    /// Whether another sitter has a guard.
    private var hasSuccessor: Bool {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            let count = pread(file, buffer.baseAddress, buffer.count, 0)
            let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
            guard let end = text.firstIndex(of: "\n") else { return false }
            return text[..<end] != order.sitter
        }
    }

    private func awaitNotice(_ notices: Int32, within limit: Duration) {
        var look = pollfd(fd: notices, events: Int16(POLLIN), revents: 0)
        let milliseconds = Int32(clamping: limit.milliseconds + 1)
        guard poll(&look, 1, milliseconds) == 1 else { return }
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
            _ = read(notices, buffer.baseAddress, buffer.count)
        }
    }

    // MARK: Stopping

    private func stopServer(because cause: GuardRecord.Cause) {
        let outcome = ServerStop.stop(in: order.dataDirectory)
        guard outcome != .nothingRan else { return }
        let record = GuardRecord(
            cause: cause,
            order: order,
            stop: outcome,
            pid: getpid(),
            time: Self.timeOfDay
        )
        // One call, so that a line is whole; a full disk costs the line only.
        var line = record.line
        line.withUTF8 { _ = write(file, $0.baseAddress, $0.count) }
    }

    /// Time since the machine was started, also while it slept: by it a past grows old.
    private static var uptime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private static var timeOfDay: String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        gmtime_r(&time.tv_sec, &parts)
        func padded(_ number: Int, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
            .map { padded($0, 2) }
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }
        return date.joined(separator: "-") + "T" + clock.joined(separator: ":")
            + ".\(padded(time.tv_nsec / 1_000_000, 3))Z"
    }
}
