/// Cuts a stream of bytes into frames, and never keeps more than one frame and one read.
struct FrameReader {
    /// The longest frame that is accepted, in bytes.
    let limit: Int

    private var buffer: [UInt8] = []
    private var start = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Adds what was read.
    mutating func append(_ bytes: [UInt8]) {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame; nil if more bytes are needed.
    ///
    /// - Throws: ``JuteError`` if the length is negative or beyond the limit.
    mutating func next() throws(JuteError) -> [UInt8]? {
        let available = buffer.count - start
        guard available >= 4 else { return nil }
        let length = Int32(
            bitPattern: buffer[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        )
        guard length >= 0 else { throw .impossibleLength(length, available: available - 4) }
        guard Int(length) <= limit else { throw .frameTooLong(Int(length), limit: limit) }
        guard available - 4 >= Int(length) else { return nil }
        defer { start += 4 + Int(length) }
        return Array(buffer[start + 4..<start + 4 + Int(length)])
    }
}
