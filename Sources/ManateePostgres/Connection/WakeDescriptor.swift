import CLinux
import Glibc

/// A descriptor that becomes readable when a waiting thread is to give up.
///
/// An `eventfd`, because a cancellation handler runs on any thread and must not block.
final class WakeDescriptor: Sendable {
    let descriptor: Int32

    init() {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    }

    deinit {
        close(descriptor)
    }

    /// Makes the descriptor readable.
    func wake() {
        var one: UInt64 = 1
        write(descriptor, &one, 8)
    }

    /// Whether it was woken.
    var woken: Bool {
        var look = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&look, 1, 0) == 1
    }
}
