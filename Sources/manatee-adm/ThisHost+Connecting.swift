import Dispatch
import Glibc

extension ThisHost {
    func whyUnreachable(_ host: String, port: Int, within limit: Duration) async -> String? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let why = Self.connectBlocking(host, port, limit)
                continuation.resume(returning: why)
            }
        }
    }

    /// Waits on a thread of its own: `connect` heeds the time that sending may take.
    private static func connectBlocking(
        _ host: String,
        _ port: Int,
        _ limit: Duration
    ) -> String? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(host, String(port), &hints, &list)
        guard failure == 0, let first = list?.pointee else {
            return String(cString: gai_strerror(failure))
        }
        defer { freeaddrinfo(list) }
        let kind = first.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(first.ai_family, kind, 0)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        let (seconds, attoseconds) = limit.components
        var patience = timeval(
            tv_sec: Int(seconds),
            tv_usec: Int(attoseconds / 1_000_000_000_000)
        )
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        guard connect(descriptor, first.ai_addr, first.ai_addrlen) == 0 else {
            return errno == EINPROGRESS
                ? "no answer within \(limit)" : String(cString: strerror(errno))
        }
        return nil
    }
}
