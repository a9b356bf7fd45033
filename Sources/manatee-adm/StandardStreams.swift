import Glibc
import ManateeAdmin

/// The process's own output, written at once: a watching operator sees each round as it is made.
struct StandardStreams: AdmOutput {
    func write(_ text: String, to channel: AdmChannel) throws(OutputFailure) {
        let descriptor = Self.descriptor(channel)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                throw errno == EPIPE ? .closed : .failed(String(cString: strerror(errno)))
            }
            rest = rest.dropFirst(written)
        }
    }

    func isTerminal(_ channel: AdmChannel) -> Bool { isatty(Self.descriptor(channel)) == 1 }

    private static func descriptor(_ channel: AdmChannel) -> Int32 {
        switch channel {
        case .standardOutput: STDOUT_FILENO
        case .standardError: STDERR_FILENO
        }
    }
}
