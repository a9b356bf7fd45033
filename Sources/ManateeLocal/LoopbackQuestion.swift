import Glibc

/// Asks a local server something over a connection of its own, and reads until the server closes it.
enum LoopbackQuestion {
    /// Long enough for a busy machine; a frozen server answers never.
    private static let patience = timeval(tv_sec: 1, tv_usec: 0)

    /// The longest answer that is read, in bytes.
    private static let limit = 1 << 20

    /// The answer; nil if there is none within about a second.
    static func ask(_ text: String, port: Int) async -> String? {
        await withCheckedContinuation { continuation in
            DetachedThread.start(for: "question to \(port)") {
                continuation.resume(returning: blockingAsk(text, port: port))
            }
        }
    }

    private static func blockingAsk(_ text: String, port: Int) -> String? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var patience = patience
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        guard withLoopback(port, { connect(descriptor, $0, $1) }) == 0 else { return nil }
        let question = Array(text.utf8)
        guard
            Glibc.send(descriptor, question, question.count, Int32(MSG_NOSIGNAL))
                == question.count
        else { return nil }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while answer.count < limit {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            answer += buffer.prefix(count)
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
