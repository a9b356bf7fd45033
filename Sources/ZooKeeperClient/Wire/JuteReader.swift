/// What is wrong with bytes that should have been a record.
enum JuteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The record ends in the middle of a value.
    case truncated(needed: Int, available: Int)
    /// A length or count is negative, or greater than what can follow.
    case impossibleLength(Int32, available: Int)
    /// A truth value is neither 0 nor 1.
    case notABoolean(UInt8)
    /// A frame is longer than the limit.
    case frameTooLong(Int, limit: Int)
    /// A value is none of those that the protocol has.
    case unknownValue(String, Int32)
    /// Something answers a request that was not made.
    case unexpectedReply(xid: Int32, expected: Int32?)

    var description: String {
        switch self {
        case .truncated(let needed, let available):
            "a record ends too early: \(needed) bytes needed, \(available) left"
        case .impossibleLength(let length, let available):
            "a length of \(length) where \(available) bytes are left"
        case .notABoolean(let byte):
            "a truth value of \(byte)"
        case .frameTooLong(let length, let limit):
            "a frame of \(length) bytes where \(limit) are the limit"
        case .unknownValue(let what, let value):
            "\(what) \(value) is not known"
        case .unexpectedReply(let xid, let expected):
            expected.map { "a reply to request \(xid) where \($0) is next" }
                ?? "a reply to request \(xid) where none is waiting"
        }
    }
}

/// Reads jute, ZooKeeper's record format, and never reads or allocates beyond what is there.
struct JuteReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// How many bytes are left.
    var remaining: Int { bytes.count - offset }

    mutating func readBool() throws(JuteError) -> Bool {
        let byte = try take(1).reduce(0) { $0 | $1 }
        switch byte {
        case 0: return false
        case 1: return true
        case _: throw .notABoolean(byte)
        }
    }

    mutating func readInt32() throws(JuteError) -> Int32 {
        Int32(bitPattern: try take(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }

    mutating func readInt64() throws(JuteError) -> Int64 {
        Int64(bitPattern: try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// Bytes with their length before them; a length of -1 stands for none, read as empty.
    mutating func readBuffer() throws(JuteError) -> [UInt8] {
        Array(try readSlice())
    }

    /// A string; what is not UTF-8 in it is replaced, because one odd name must not end a session.
    mutating func readString() throws(JuteError) -> String {
        String(decoding: try readSlice(), as: UTF8.self)
    }

    mutating func readStrings() throws(JuteError) -> [String] {
        let count = try readCount(elementSize: 4)
        var values: [String] = []
        values.reserveCapacity(count)
        for _ in 0..<count {
            values.append(try readString())
        }
        return values
    }

    mutating func readACL() throws(JuteError) -> [ACL] {
        let count = try readCount(elementSize: 12)
        var values: [ACL] = []
        for _ in 0..<count {
            values.append(
                ACL(
                    permissions: Permissions(rawValue: try readInt32()),
                    scheme: try readString(),
                    id: try readString()
                )
            )
        }
        return values
    }

    mutating func readStat() throws(JuteError) -> Stat {
        let created = Zxid(try readInt64())
        let modified = Zxid(try readInt64())
        let creationTime = Duration.milliseconds(try readInt64())
        let modificationTime = Duration.milliseconds(try readInt64())
        let version = try readInt32()
        let childrenVersion = try readInt32()
        let aclVersion = try readInt32()
        let owner = try readInt64()
        let dataLength = try readInt32()
        let childCount = try readInt32()
        return Stat(
            created: created,
            modified: modified,
            childrenModified: Zxid(try readInt64()),
            creationTime: creationTime,
            modificationTime: modificationTime,
            version: version,
            childrenVersion: childrenVersion,
            aclVersion: aclVersion,
            ephemeralOwner: Self.owner(owner),
            dataLength: Int(dataLength),
            childCount: Int(childCount)
        )
    }

    /// Containers and nodes with a TTL mark themselves in the owner's field: the container with the
    /// lowest number, the others with 0xff in the highest byte.
    private static func owner(_ value: Int64) -> SessionID? {
        guard value != 0, value != .min, UInt64(bitPattern: value) >> 56 != 0xff else { return nil }
        return SessionID(value)
    }

    /// The count of a vector whose elements have at least `elementSize` bytes each; -1 is read as 0.
    private mutating func readCount(elementSize: Int) throws(JuteError) -> Int {
        let count = try readInt32()
        guard count != -1 else { return 0 }
        guard count >= 0, Int(count) <= remaining / elementSize else {
            throw .impossibleLength(count, available: remaining)
        }
        return Int(count)
    }

    private mutating func readSlice() throws(JuteError) -> ArraySlice<UInt8> {
        let length = try readInt32()
        guard length != -1 else { return [] }
        guard length >= 0, Int(length) <= remaining else {
            throw .impossibleLength(length, available: remaining)
        }
        return try take(Int(length))
    }

    private mutating func take(_ count: Int) throws(JuteError) -> ArraySlice<UInt8> {
        guard count <= remaining else {
            throw .truncated(needed: count, available: remaining)
        }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }
}
