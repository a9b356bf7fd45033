import ManateeCore

/// Where a record of the log ends, from its length and the places of the page headers in between.
struct RecordEnd {
    /// The size of a page in bytes.
    var pageSize: UInt64
    /// The size of a log file in bytes.
    var segmentSize: UInt64

    /// The size of the header of a page, and of the first page of a file.
    private static let header: UInt64 = 24
    private static let firstHeader: UInt64 = 40
    /// Records begin at multiples of this.
    private static let alignment: UInt64 = 8

    /// The end of the record that begins at `start` and is `length` bytes long.
    ///
    /// - Returns: the first position at which another record can begin, as the server counts it.
    func end(of start: LSN, length: UInt32) -> LSN {
        var rest = UInt64(length)
        var place = start.bytes
        while true {
            let room = pageSize - place % pageSize
            guard rest > room else { break }
            rest -= room
            place += room
            place += place % segmentSize == 0 ? Self.firstHeader : Self.header
        }
        let end = place + rest
        return LSN((end + Self.alignment - 1) / Self.alignment * Self.alignment)
    }
}
