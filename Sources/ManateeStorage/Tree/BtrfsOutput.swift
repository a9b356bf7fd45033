import ManateePorts

/// What `btrfs subvolume show` tells about a subvolume.
struct BtrfsSubvolume: Equatable, Sendable {
    /// Its number, which grows with each subvolume of the file system.
    var number: Int64
    var uuid: String
    /// The subvolume elsewhere that it was received from; nil if it was made here.
    var receivedUUID: String?
    var isReadOnly: Bool

    /// The subvolume in an output; nil if the output is of something else.
    init?(_ output: String) {
        var fields: [String: String] = [:]
        for line in output.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = line[..<colon].trimmingSpaces
            // The list of snapshots comes last and could hold anything.
            if key == "Snapshot(s)" { break }
            fields[key] = line[line.index(after: colon)...].trimmingSpaces
        }
        guard let number = fields["Subvolume ID"].flatMap({ Int64($0) }),
            let uuid = fields["UUID"], let flags = fields["Flags"]
        else { return nil }
        self.number = number
        self.uuid = uuid
        receivedUUID = fields["Received UUID"].flatMap { $0 == "-" ? nil : $0 }
        isReadOnly = flags.split(separator: ",").contains { $0.trimmingSpaces == "readonly" }
    }
}

/// The sizes that `btrfs filesystem du -s --raw` printed, in bytes, by path.
struct BtrfsUsage: Equatable, Sendable {
    var total: [String: Int64] = [:]
    var exclusive: [String: Int64] = [:]

    /// The sizes in an output; the heading is skipped.
    init(_ output: String) {
        for line in output.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 3)
            guard fields.count == 4, let total = Int64(fields[0]),
                let exclusive = Int64(fields[1])
            else { continue }
            // Two blanks stand before the path.
            let path = fields[3].trimmingSpaces
            self.total[path] = total
            self.exclusive[path] = exclusive
        }
    }
}

/// Follows a btrfs stream from command to command, to know whether its end is there.
///
/// `btrfs receive` takes a stream that stops between two commands for a complete one.
struct BtrfsStreamCheck: StreamCheck {
    private enum Phase: Equatable {
        /// Inside the stream's header: this much is there.
        case magic([UInt8])
        /// Inside a command's header: this much is there.
        case header([UInt8])
        /// Inside a command's data: this much is to come, then the end if it is the last one.
        case data(left: UInt64, isLast: Bool)
        case ended
    }

    private static let magic = Array("btrfs-stream\0".utf8)
    /// The magic and a version of four bytes.
    private static let magicLength = magic.count + 4
    /// Length of the data (4), command (2), checksum (4).
    private static let headerLength = 10
    private static let endCommand: UInt16 = 21

    private var phase = Phase.magic([])

    mutating func take(_ chunk: [UInt8]) throws(StorageFailure) {
        var rest = chunk[...]
        while !rest.isEmpty {
            switch phase {
            case .magic(var bytes):
                Self.fill(&bytes, to: Self.magicLength, from: &rest)
                phase = .magic(bytes)
                guard bytes.count == Self.magicLength else { return }
                guard bytes.starts(with: Self.magic) else {
                    throw StorageFailure(.badStream, "this is no stream of 'btrfs send'")
                }
                phase = .header([])
            case .header(var bytes):
                Self.fill(&bytes, to: Self.headerLength, from: &rest)
                phase = .header(bytes)
                guard bytes.count == Self.headerLength else { return }
                let length = (0..<4).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << (8 * $1) }
                let command = UInt16(bytes[4]) | UInt16(bytes[5]) << 8
                enter(.data(left: length, isLast: command == Self.endCommand))
            case .data(let left, let isLast):
                let count = min(left, UInt64(rest.count))
                rest = rest.dropFirst(Int(count))
                enter(.data(left: left - count, isLast: isLast))
            case .ended:
                throw StorageFailure(.badStream, "the stream goes on behind its end")
            }
        }
    }

    func finish() throws(StorageFailure) {
        guard phase == .ended else {
            throw StorageFailure(.badStream, "the stream stops before its end: send it again")
        }
    }

    private mutating func enter(_ next: Phase) {
        phase =
            switch next {
            case .data(0, true): .ended
            case .data(0, false): .header([])
            case .data, .magic, .header, .ended: next
            }
    }

    private static func fill(
        _ bytes: inout [UInt8],
        to length: Int,
        from rest: inout ArraySlice<UInt8>
    ) {
        let part = rest.prefix(length - bytes.count)
        bytes += part
        rest = rest.dropFirst(part.count)
    }
}
