import ManateeCore

extension TimelineHistory {
    /// Reads a history file, as in `pg_wal` and as `TIMELINE_HISTORY` returns it.
    ///
    /// Each line is `timeline`, tab, `position`, tab, a reason; `#` begins a comment.
    init?(parsing text: String) {
        var switches: [Switch] = []
        for line in text.split(separator: "\n") {
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let first = fields.first, !first.hasPrefix("#") else { continue }
            guard fields.count >= 2, let number = UInt32(first), let end = LSN(fields[1])
            else { return nil }
            switches.append(Switch(timeline: TimelineID(number), end: end))
        }
        self.init(switches)
    }
}
