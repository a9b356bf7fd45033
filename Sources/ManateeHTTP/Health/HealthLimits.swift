/// What a load balancer demands besides: the query of a health path.
struct HealthLimits: Equatable {
    /// How far behind the primary a standby may be, in bytes; nil: any distance.
    var lag: UInt64?
    /// What counts as the end of a standby's log.
    var mode = Mode.apply
    /// What the replication must be doing; nil: anything.
    var replicationState: String?
    /// Whether a tag is demanded; peers have no tags, so no demand is met.
    var demandsTag = false

    enum Mode: String {
        /// What it has replayed, and readers see.
        case apply
        /// What it has received.
        case write
    }

    /// How far behind a standby that is ready may be if nothing is said, in bytes.
    static let readyLag: UInt64 = 1 << 20

    /// No demands.
    init() {}

    /// What a query demands; what it does not know is ignored.
    ///
    /// - Throws: `BadRequest` if a demand cannot be understood: who ignored it would send traffic where
    ///   it is not wanted.
    init(_ query: [(name: String, value: String)]) throws(BadRequest) {
        for (name, value) in query {
            switch name {
            case "lag":
                guard let bytes = Self.bytes(value) else {
                    throw BadRequest(
                        "lag is \"\(value.prefix(40))\"; expected bytes, such as 1048576, 64kB or 10MB"
                    )
                }
                lag = bytes
            case "mode":
                guard let mode = Mode(rawValue: value) else {
                    throw BadRequest(
                        "mode is \"\(value.prefix(40))\"; expected apply or write"
                    )
                }
                self.mode = mode
            case "replication_state": replicationState = value
            case _ where name.hasPrefix("tag_"): demandsTag = true
            case _: break
            }
        }
    }

    /// A number of bytes as PostgreSQL and Patroni write it: `B`, `kB`, `MB`, `GB`, `TB`, or none.
    static func bytes(_ text: String) -> UInt64? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(number.count).drop { $0 == " " }
        let shifts: [Substring: UInt64] = ["": 0, "B": 0, "kB": 10, "MB": 20, "GB": 30, "TB": 40]
        guard let value = Double(String(number)), value.isFinite, let shift = shifts[unit]
        else { return nil }
        return UInt64(exactly: (value * Double(UInt64(1) << shift)).rounded())
    }
}

/// A request that cannot be understood.
struct BadRequest: Error, Equatable {
    /// What is wrong, and what was expected.
    var message: String

    init(_ message: String) { self.message = message }
}
