import ManateeCore

/// What `pg_controldata` prints about a data directory.
struct ControlData: Equatable, Sendable {
    /// What the server was doing when it last wrote the file.
    enum State: Equatable, Sendable {
        /// It followed an upstream, or was shut down doing so.
        case standby
        /// It was a primary that was shut down in order.
        case shutDown
        /// It was a primary, or was becoming one.
        case primary
    }

    var systemIdentifier: SystemIdentifier
    var state: State
    /// The end of the newest checkpoint's record is beyond this.
    var checkpoint: WALPosition
    /// Where recovery would begin.
    var redo: LSN
    /// Recovery must at least get here; zero for a primary.
    var minimumRecovery: LSN
    /// The size of a log file in bytes.
    var segmentSize: UInt64
    /// The size of a page of the log in bytes.
    var pageSize: UInt64

    /// The tool's output by the names of its lines.
    static func fields(of text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields[String(line[..<colon])] = String(value)
        }
        return fields
    }

    /// Reads the tool's output in the C locale; nil if something is missing.
    init?(parsing text: String) {
        let fields = Self.fields(of: text)
        guard let system = fields["Database system identifier"].flatMap({ UInt64($0) }),
            let state = fields["Database cluster state"],
            let checkpoint = fields["Latest checkpoint location"].flatMap({ LSN($0) }),
            let redo = fields["Latest checkpoint's REDO location"].flatMap({ LSN($0) }),
            let timeline = fields["Latest checkpoint's TimeLineID"].flatMap({ UInt32($0) }),
            let minimum = fields["Minimum recovery ending location"].flatMap({ LSN($0) }),
            let size = fields["Bytes per WAL segment"].flatMap({ UInt64($0) }), size > 0,
            let page = fields["WAL block size"].flatMap({ UInt64($0) }), page > 0
        else { return nil }
        systemIdentifier = SystemIdentifier(system)
        switch state {
        case "in archive recovery", "shut down in recovery": self.state = .standby
        case "shut down": self.state = .shutDown
        default: self.state = .primary
        }
        self.checkpoint = WALPosition(timeline: TimelineID(timeline), lsn: checkpoint)
        self.redo = redo
        minimumRecovery = minimum
        segmentSize = size
        pageSize = page
    }
}
