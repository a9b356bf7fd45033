import FoundationEssentials
import ManateePorts

/// The names of data that was set aside.
enum IsolatedName {
    /// A name that tells the reason and the moment, in UTC with milliseconds.
    static func make(_ reason: IsolationReason, at moment: Date) -> String {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return "\(reason.word)-\(moment.formatted(style))"
    }

    /// Where the moment begins, which is what names are ordered by.
    static func moment(_ name: String) -> Substring {
        name.firstIndex(of: "-").map { name[name.index(after: $0)...] } ?? name[...]
    }

    /// Refuses what cannot be a name, before it becomes part of a path.
    static func require(_ name: String) throws(StorageFailure) {
        guard SnapshotName.isWord(name) else {
            throw StorageFailure(.missing, "nothing can have been set aside as '\(name)'")
        }
    }

    /// Refuses one more than `kept`.
    static func requireRoom(for names: [String], kept: Int) throws(StorageFailure) {
        guard names.count >= kept else { return }
        throw StorageFailure(
            .tooManyIsolated,
            "\(names.count) copies are set aside already, and \(kept) may be: destroy what is not"
                + " needed, the oldest is \(names.min { moment($0) < moment($1) } ?? "")"
        )
    }
}
