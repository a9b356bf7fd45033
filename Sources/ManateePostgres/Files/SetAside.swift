import Foundation
import ManateeCore

/// The place for data that was replaced but may still be wanted (rule S7).
struct SetAside: Sendable {
    /// How many entries are kept; older ones go when a new one is safe.
    static let kept = 3

    /// The directory.
    var directory: String
    /// Who writes into it.
    var files: ServerFiles

    /// A path for a new entry, named for the moment and the reason.
    func newEntry(_ reason: String) throws(PostgresFailure) -> String {
        try files.makeDirectory(directory)
        let formatter = ISO8601DateFormatter()
        let moment = formatter.string(from: Date()).replacing(":", with: "-")
        var entry = "\(directory)/\(moment)-\(reason)"
        var count = 1
        while files.exists(entry) {
            count += 1
            entry = "\(directory)/\(moment)-\(reason)-\(count)"
        }
        return entry
    }

    /// Whether there is a complete entry for this reason: its explanation is written last.
    func holds(_ reason: String) -> Bool {
        (files.names(in: directory) ?? []).contains { name in
            name.hasSuffix("-\(reason)") && files.exists("\(directory)/\(name)/README")
        }
    }

    /// The entries that are too many, oldest first.
    var surplus: [String] {
        let entries = (files.names(in: directory) ?? []).filter { name in
            name.contains("-diverged-") || name.contains("-rebuild-")
        }
        return entries.dropLast(Self.kept).map { "\(directory)/\($0)" }
    }
}
