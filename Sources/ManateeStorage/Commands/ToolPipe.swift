import Dispatch
import Glibc
import ManateePorts
import Synchronization
import SystemPackage

/// Our end of a pipe to or from a tool, used on a thread of its own, where it may block.
///
/// Whoever waits for a full or an empty pipe by events is woken for each page that the other side moves; a
/// thread that blocks is woken for large pieces. The pipe is wide for the same reason.
struct ToolPipe: Sendable {
    /// How much the pipe holds, in bytes; what an unprivileged process may ask for by default.
    static let capacity = 1 << 20

    private final class End: Sendable {
        /// Nil once it is closed.
        private let descriptor: Mutex<FileDescriptor?>
        /// Where it is used, so that it is never closed under a call.
        let queue = DispatchQueue(label: "manatee.tool-pipe")

        init(_ descriptor: FileDescriptor) {
            self.descriptor = Mutex(descriptor)
        }

        deinit { close() }

        var open: FileDescriptor? { descriptor.withLock(\.self) }

        func close() {
            // Nothing is to be done about a failure: the descriptor is gone either way.
            try? descriptor.withLock { $0.take() }?.close()
        }
    }

    private let end: End
    /// The tool's end, which whoever starts the tool closes here.
    let toolsEnd: FileDescriptor

    private init(ours: FileDescriptor, toolsEnd: FileDescriptor) {
        end = End(ours)
        self.toolsEnd = toolsEnd
    }

    /// A pipe for a tool to write into.
    ///
    /// - Throws: `StorageFailure` where no more descriptors are to be had.
    static func fromTool() throws(StorageFailure) -> ToolPipe {
        let (read, write) = try make()
        return ToolPipe(ours: read, toolsEnd: write)
    }

    /// A pipe for a tool to read from.
    ///
    /// - Throws: `StorageFailure` where no more descriptors are to be had.
    static func toTool() throws(StorageFailure) -> ToolPipe {
        _ = brokenPipesAreErrors
        let (read, write) = try make()
        return ToolPipe(ours: write, toolsEnd: read)
    }

    /// Linux's `F_SETPIPE_SZ`, which Swift does not see.
    private static let setPipeSize: Int32 = 1031
    /// A tool that ends early must not end us.
    private static let brokenPipesAreErrors: Void = { signal(SIGPIPE, SIG_IGN) }()

    private static func make() throws(StorageFailure) -> (
        read: FileDescriptor, write: FileDescriptor
    ) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw StorageFailure(.failed, "cannot make a pipe: \(Errno(rawValue: errno))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A smaller one, where the user's pipes hold too much already, is only slower.
        _ = fcntl(ends[1], setPipeSize, Int32(capacity))
        return (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
    }

    /// Closes our end: the tool sees the end of its input, or that nobody wants its output.
    func close() async {
        await onThread { end.close() }
    }

    /// The next piece of what the tool writes, at most `length` bytes and shorter only at the end; nil there.
    func next(_ length: Int) async -> [UInt8]? {
        await onThread {
            guard let descriptor = end.open else { return nil }
            let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
                while count < length {
                    let all = UnsafeMutableRawBufferPointer(buffer)
                    let rest = UnsafeMutableRawBufferPointer(rebasing: all[count...])
                    // The tool's status tells whether this is a regular end.
                    guard let more = try? descriptor.read(into: rest), more > 0 else { return }
                    count += more
                }
            }
            return bytes.isEmpty ? nil : bytes
        }
    }

    /// Writes all of it; false if the tool takes no more.
    func write(_ bytes: [UInt8]) async -> Bool {
        await onThread {
            guard let descriptor = end.open else { return false }
            do {
                try descriptor.writeAll(bytes)
                return true
            } catch {
                return false
            }
        }
    }

    private func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            end.queue.async { continuation.resume(returning: body()) }
        }
    }
}
