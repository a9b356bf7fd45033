/// Writes jute, ZooKeeper's record format: big-endian numbers, and lengths before bytes.
struct JuteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: Bool) {
        bytes.append(value ? 1 : 0)
    }

    mutating func write(_ value: Int32) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(_ value: Int64) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(_ value: String) {
        write(Array(value.utf8))
    }

    mutating func write(_ value: [UInt8]) {
        write(Int32(clamping: value.count))
        bytes.append(contentsOf: value)
    }

    mutating func write(_ values: [String]) {
        write(Int32(clamping: values.count))
        for value in values {
            write(value)
        }
    }

    mutating func write(_ values: [ACL]) {
        write(Int32(clamping: values.count))
        for value in values {
            write(value.permissions.rawValue)
            write(value.scheme)
            write(value.id)
        }
    }

    /// `body` with its length before it, ready for the wire.
    static func frame(_ body: [UInt8]) -> [UInt8] {
        var writer = JuteWriter()
        writer.bytes.reserveCapacity(body.count + 4)
        writer.write(body)
        return writer.bytes
    }
}
