import ManateeCore

/// The numbers of timelines that a promotion finds taken.
///
/// PostgreSQL starts the first timeline after its own for which `pg_wal` has no history file. Two
/// peers that were promoted without knowing of each other would therefore start the same one, with
/// different contents. The cluster state declares which timeline a promotion starts; a file in the
/// place of each number between makes PostgreSQL pass over it.
struct Timelines {
    private let log: String
    private let files: ServerFiles

    init(in directory: DataDirectory, _ files: ServerFiles) {
        log = directory.path + "/pg_wal"
        self.files = files
    }

    /// Takes the numbers between the two, so that a promotion passes over them.
    func reserve(after own: TimelineID, before wanted: TimelineID) throws {
        var number = own.next
        while number < wanted {
            let path = "\(log)/\(WALSegment.historyName(of: number))"
            if !files.exists(path) {
                // It names no parent, so a standby that reads it does not follow it.
                try files.write("# another peer may have written on this timeline\n", to: path)
            }
            number = number.next
        }
    }

    /// Removes what a promotion that was not finished has left of `timeline` and later ones.
    ///
    /// Nothing was acknowledged on them: PostgreSQL removes the standby's mark before it lets anybody
    /// write.
    func removeUnfinished(from timeline: TimelineID) throws {
        for name in files.names(in: log) ?? [] {
            guard let number = UInt32(name.prefix(8), radix: 16), number >= timeline.number,
                name.hasSuffix(".history") || name.count >= 24
            else { continue }
            try files.remove("\(log)/\(name)")
        }
    }
}
