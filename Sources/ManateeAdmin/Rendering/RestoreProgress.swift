import ManateeCore
package import ManateePorts

/// How far a copy is, as a peer tells it at `/restore`.
package struct RestoreProgress: Equatable, Sendable {
    /// How many marks a full bar has.
    private static let barWidth: Int64 = 30

    /// Tells one attempt from the next.
    let id: String
    /// By which way it comes, and from whom.
    let origin: String
    /// How many bytes came.
    let completed: Int64
    /// About how many there will be; nil if that is not known.
    let total: Int64?
    /// Bytes in a second; nil if that is not known.
    let rate: Int64?
    /// Why it came to nothing; nil unless it did.
    let failure: String?
    /// By one word, what kind of failure that was; nil if that is not known.
    let cause: String?

    /// The copy that a peer knows itself to make or to have made.
    package init(_ status: RestoreStatus) {
        id = status.id
        origin = Self.origin(status.method.rawValue, status.source.text)
        completed = status.completed
        total = status.total
        rate = status.bytesPerSecond
        switch status.outcome {
        case .running, .done: (failure, cause) = (nil, nil)
        case .failed(let reason): (failure, cause) = (reason, status.cause)
        }
    }

    /// The copy in an answer of `/restore`; nil if there is none.
    ///
    /// - Throws: `AdmFailure` if it is no JSON.
    package init?(answer: [UInt8]) throws {
        self.init(try StoredJSON.value(answer, "/restore"))
    }

    /// The copy in an answer of `/restore`; nil if there is none.
    init?(_ answer: JSONValue) {
        guard let status = answer["restore"], let id = status["uuid"]?.text else { return nil }
        self.id = id
        origin = Self.origin(status["method"]?.text ?? "copy", status["source"]?.text ?? "unknown")
        completed = status["completed"]?.text.flatMap { Int64($0) } ?? 0
        total = status["size"]?.text.flatMap { Int64($0) }
        if case .integer(let rate)? = status["bytesPerSecond"] {
            self.rate = rate
        } else {
            rate = nil
        }
        let hasFailed = status["done"]?.text == "failed"
        failure = hasFailed ? status["err"]?.text ?? "unknown" : nil
        cause = hasFailed ? status["cause"]?.text : nil
    }

    /// What part came, from 0 to 100; nil if the size is not known.
    var percent: Int64? {
        guard let total, total > 0 else { return nil }
        // The size is an estimate.
        return Int64(min(Double(completed) / Double(total), 1) * 100)
    }

    /// The progress in words.
    var text: String {
        let amount =
            total.map { "\(Self.size(completed)) of \(Self.size($0))" } ?? Self.size(completed)
        let speed = rate.map { ", \(Self.size($0))/s" } ?? ""
        return amount + speed + (secondsLeft.map { ", \(Self.time($0)) left" } ?? "")
    }

    /// The progress as a bar, with the words behind it.
    var bar: String {
        guard let percent else { return text }
        let full = Int(percent * Self.barWidth / 100)
        let marks = String(repeating: "#", count: full)
        let gap = String(repeating: ".", count: Int(Self.barWidth) - full)
        return "[\(marks)\(gap)] \(percent)%  \(text)"
    }

    private var secondsLeft: Int64? {
        guard let total, let rate, rate > 0 else { return nil }
        return max(0, total - completed) / rate
    }

    private static func origin(_ method: String, _ source: String) -> String {
        "\(method) from \(source)"
    }

    private static func size(_ bytes: Int64) -> String {
        let units: [(name: String, size: Int64)] = [
            ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000),
        ]
        guard let unit = units.first(where: { bytes >= $0.size }) else { return "\(bytes) B" }
        return "\(bytes / unit.size).\(bytes % unit.size * 10 / unit.size) \(unit.name)"
    }

    private static func time(_ seconds: Int64) -> String {
        seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
    }
}
