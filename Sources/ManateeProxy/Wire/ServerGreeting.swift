/// What a server says before a session is ready, read along while it is passed on.
///
/// It takes the bytes as they come, in any pieces, and keeps at most one short message of them.
package struct ServerGreeting: Sendable {
    /// What the first message was.
    package enum FirstWord: Equatable, Sendable {
        /// An error, with its code.
        case error(sqlState: String)
        /// Anything else: the server talks to the client.
        case other
    }

    /// The first message, as soon as it is known.
    package private(set) var firstWord: FirstWord?
    /// The key to cancel the session by, as soon as it is known.
    package private(set) var key: CancelKey?
    /// Whether the server said that it is in recovery, and so takes no writes.
    package private(set) var isInRecovery = false
    /// Whether nothing further is of interest: the session is ready, or over.
    package private(set) var isOver = false

    /// What is left of a message whose end has not come, its head included.
    private var pending: [UInt8] = []
    /// How many bytes of a message of no interest are still to come.
    private var skipped = 0

    /// Longer messages are of no interest; they are passed over unread.
    static let longestMessage = 4096
    private static let headLength = 5

    /// A greeting of which nothing has come.
    package init() {}

    /// Reads on.
    package mutating func read(_ bytes: some RandomAccessCollection<UInt8>) {
        var rest = bytes[...]
        while !isOver, !rest.isEmpty {
            if skipped > 0 {
                let count = min(skipped, rest.count)
                rest = rest.dropFirst(count)
                skipped -= count
                continue
            }
            let wanted = messageLength ?? Self.headLength
            let count = min(wanted - pending.count, rest.count)
            pending += rest.prefix(count)
            rest = rest.dropFirst(count)
            guard let length = messageLength else { continue }
            guard length > Self.headLength - 1 else {
                // No message is that short: this is no postgres, and nothing more is understood.
                isOver = true
                firstWord = firstWord ?? .other
                return
            }
            if length > Self.longestMessage {
                firstWord = firstWord ?? .other
                skipped = length - pending.count
                pending = []
            } else if pending.count == length {
                understand(pending)
                pending = []
            }
        }
    }

    /// The length of the message that has begun, its type included; nil if its head has not come.
    private var messageLength: Int? {
        guard pending.count >= Self.headLength else { return nil }
        return StartupPacket.integer(pending[1..<5]).map { $0 + 1 }
    }

    private mutating func understand(_ message: [UInt8]) {
        let body = message.dropFirst(Self.headLength)
        switch UnicodeScalar(message[0]) {
        case "E":
            firstWord = firstWord ?? .error(sqlState: Self.sqlState(body) ?? "")
            isOver = true
        case "K":
            key = CancelKey(body)
        case "S":
            if Array(body) == Array("in_hot_standby\0on\0".utf8) { isInRecovery = true }
        case "Z":
            isOver = true
        default:
            break
        }
        firstWord = firstWord ?? .other
    }

    /// The field `C` of an error.
    private static func sqlState(_ fields: ArraySlice<UInt8>) -> String? {
        fields.split(separator: 0).first { $0.first == UInt8(ascii: "C") }
            .map { String(decoding: $0.dropFirst(), as: UTF8.self) }
    }
}
