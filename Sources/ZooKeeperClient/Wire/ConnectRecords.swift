/// The first frame of a connection: asks for a new session, or for one to be taken over.
struct ConnectRequest: Hashable {
    var lastZxid: Int64
    var timeout: Duration
    /// 0 for a new session.
    var sessionID: Int64
    var password: [UInt8]

    func encoded() -> [UInt8] {
        var writer = JuteWriter()
        writer.write(Int32(0))
        writer.write(lastZxid)
        writer.write(Int32(clamping: timeout.wholeMilliseconds))
        writer.write(sessionID)
        writer.write(password)
        // Not willing to work with a read-only server.
        writer.write(false)
        return writer.bytes
    }
}

/// The answer to ``ConnectRequest``.
struct ConnectResponse: Hashable {
    /// Zero or less: the session is over.
    var timeout: Duration
    var sessionID: Int64
    var password: [UInt8]
    var isReadOnly: Bool

    init(decoding bytes: [UInt8]) throws(JuteError) {
        var reader = JuteReader(bytes)
        _ = try reader.readInt32()
        timeout = .milliseconds(try reader.readInt32())
        sessionID = try reader.readInt64()
        password = try reader.readBuffer()
        // Servers before 3.4 do not send it.
        isReadOnly = reader.remaining > 0 ? try reader.readBool() : false
    }
}

extension Duration {
    /// The duration in milliseconds, rounded down.
    var wholeMilliseconds: Int64 {
        let parts = components
        let (seconds, overflow) = parts.seconds.multipliedReportingOverflow(by: 1_000)
        guard !overflow else { return parts.seconds < 0 ? .min : .max }
        return seconds + parts.attoseconds / 1_000_000_000_000_000
    }
}
