/// The time of day as a peer's own clock tells it, in UTC, to the millisecond.
///
/// Clocks differ, and they jump: it is compared only with what an operator has dated. No safety
/// rests on it.
package struct WallTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Milliseconds since the beginning of 1970.
    package var milliseconds: Int64

    /// The moment that many milliseconds after the beginning of 1970.
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Reads a time as the tools write it; anything else, a time of day without a zone included, is
    /// nil.
    ///
    /// - Parameter text: ISO 8601, for example `2026-03-01T12:00:00.000Z` or with a zone like
    ///   `+02:00`; a date alone means its first moment in UTC; digits alone are milliseconds since
    ///   1970, as the original takes them.
    package init?(_ text: String) {
        if !text.isEmpty, text.utf8.allSatisfy(Digits.isDigit) {
            guard let number = Int64(text), number <= WallTime.limit else { return nil }
            milliseconds = number
            return
        }
        var digits = Digits(text)
        guard let day = WallTime.day(&digits) else { return nil }
        if digits.isAtEnd {
            milliseconds = day * WallTime.millisecondsPerDay
            return
        }
        guard digits.take("T"), let time = WallTime.timeOfDay(&digits),
            let offset = WallTime.offset(&digits), digits.isAtEnd
        else { return nil }
        milliseconds = day * WallTime.millisecondsPerDay + time - offset
    }

    /// The time from this moment to `other`; negative if `other` is earlier.
    package func duration(to other: WallTime) -> Duration {
        .milliseconds(other.milliseconds) - .milliseconds(milliseconds)
    }

    /// The moment that lies `duration` after this one, to the millisecond.
    package func advanced(by duration: Duration) -> WallTime {
        let (seconds, attoseconds) = duration.components
        return WallTime(
            milliseconds: milliseconds + seconds * 1000 + attoseconds / 1_000_000_000_000_000
        )
    }

    /// Orders moments by time.
    package static func < (left: WallTime, right: WallTime) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The moment as ISO 8601 in UTC, for example `2026-03-01T12:00:00.000Z`; what lies outside the
    /// years 1970 to 9999 as a number of milliseconds.
    package var description: String {
        guard milliseconds >= 0,
            milliseconds < WallTime.daysBefore(year: 10_000) * WallTime.millisecondsPerDay
        else { return "\(milliseconds) ms since 1970" }
        var days = milliseconds / WallTime.millisecondsPerDay
        var year: Int64 = 1970
        while WallTime.daysBefore(year: year + 1) <= days { year += 1 }
        days -= WallTime.daysBefore(year: year)
        var month = 0
        let lengths = WallTime.monthLengths(year)
        while days >= lengths[month] {
            days -= lengths[month]
            month += 1
        }
        let time = milliseconds % WallTime.millisecondsPerDay
        func padded(_ number: Int64, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return padded(year, 4) + "-" + padded(Int64(month + 1), 2) + "-" + padded(days + 1, 2)
            + "T" + padded(time / 3_600_000, 2) + ":" + padded(time / 60_000 % 60, 2)
            + ":" + padded(time / 1000 % 60, 2) + "." + padded(time % 1000, 3) + "Z"
    }

    // MARK: The calendar

    /// The latest time that the original's clock can tell.
    private static let limit: Int64 = 8_640_000_000_000_000
    private static let millisecondsPerDay: Int64 = 86_400_000

    private static func isLeap(_ year: Int64) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    private static func monthLengths(_ year: Int64) -> [Int64] {
        [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    }

    /// The days from 1970 to the beginning of `year`, which is not negative.
    private static func daysBefore(year: Int64) -> Int64 {
        func sinceYearZero(_ year: Int64) -> Int64 {
            guard year > 0 else { return 0 }
            let last = year - 1
            return 365 * year + last / 4 - last / 100 + last / 400 + 1
        }
        return sinceYearZero(year) - sinceYearZero(1970)
    }

    private static func day(_ digits: inout Digits) -> Int64? {
        guard let year = digits.number(4), digits.take("-"), let month = digits.number(2),
            digits.take("-"), let day = digits.number(2), (1...12).contains(month)
        else { return nil }
        let lengths = monthLengths(year)
        guard (1...lengths[Int(month) - 1]).contains(day) else { return nil }
        return daysBefore(year: year) + lengths.prefix(Int(month) - 1).reduce(0, +) + day - 1
    }

    /// `HH:MM`, with seconds and their fraction if they are there; what is below a millisecond is
    /// dropped.
    private static func timeOfDay(_ digits: inout Digits) -> Int64? {
        guard let hour = digits.number(2), digits.take(":"), let minute = digits.number(2),
            hour < 24, minute < 60
        else { return nil }
        let minutes = (hour * 60 + minute) * 60_000
        guard digits.take(":") else { return minutes }
        guard let second = digits.number(2), second < 60 else { return nil }
        let seconds = minutes + second * 1000
        guard digits.take(".") else { return seconds }
        guard let fraction = digits.fraction() else { return nil }
        return seconds + fraction
    }

    /// How far local time is ahead of UTC: `Z`, or hours and minutes.
    private static func offset(_ digits: inout Digits) -> Int64? {
        if digits.take("Z") { return 0 }
        let sign: Int64
        if digits.take("+") {
            sign = 1
        } else if digits.take("-") {
            sign = -1
        } else {
            return nil
        }
        guard let hour = digits.number(2), digits.take(":"), let minute = digits.number(2),
            hour < 24, minute < 60
        else { return nil }
        return sign * (hour * 60 + minute) * 60_000
    }

    /// Takes a text apart from its beginning.
    private struct Digits {
        private var rest: Substring.UTF8View

        init(_ text: String) {
            rest = Substring(text).utf8
        }

        static func isDigit(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func take(_ sign: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: sign) else { return false }
            rest.removeFirst()
            return true
        }

        /// A number of exactly `width` digits.
        mutating func number(_ width: Int) -> Int64? {
            let head = rest.prefix(width)
            guard head.count == width, head.allSatisfy(Digits.isDigit) else { return nil }
            rest.removeFirst(width)
            return head.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        }

        /// The milliseconds of a decimal fraction of a second.
        mutating func fraction() -> Int64? {
            let head = rest.prefix(while: Digits.isDigit)
            guard !head.isEmpty else { return nil }
            rest.removeFirst(head.count)
            var milliseconds: Int64 = 0
            var place: Int64 = 100
            for byte in head.prefix(3) {
                milliseconds += Int64(byte - UInt8(ascii: "0")) * place
                place /= 10
            }
            return milliseconds
        }
    }
}
