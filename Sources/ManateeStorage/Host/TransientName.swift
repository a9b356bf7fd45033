import Glibc

/// The name of something that lives no longer than the process that made it.
enum TransientName {
    /// A new name that begins with `purpose`, for this process.
    static func make(_ purpose: String) -> String {
        let chance = String(UInt32.random(in: .min ... .max), radix: 16)
        return "\(purpose)-\(getpid())-\(chance)"
    }

    /// Whether the process that made `name` has ended; false for names that are not ours.
    static func isLeftover(_ name: String) -> Bool {
        let words = name.split(separator: "-")
        guard words.count == 3, let pid = pid_t(words[1]), pid > 0 else {
            return false
        }
        return kill(pid, 0) != 0 && errno == ESRCH
    }
}
