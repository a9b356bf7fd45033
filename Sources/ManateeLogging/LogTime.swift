import Glibc

/// A moment of the wall clock, for people.
struct LogTime: Equatable, Sendable {
    /// Whole seconds since 1970.
    var seconds: Int
    /// The rest, 0 to 999.
    var milliseconds: Int

    static var now: LogTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return LogTime(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
    }

    /// In UTC, for example `2026-11-22T17:14:53.123Z`.
    var iso8601: String {
        var moment = time_t(seconds)
        var parts = tm()
        gmtime_r(&moment, &parts)
        let date = "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(Int(parts.tm_mon) + 1, 2))"
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }
        return "\(date)-\(padded(Int(parts.tm_mday), 2))T\(clock.joined(separator: ":"))"
            + ".\(padded(milliseconds, 3))Z"
    }

    private func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
