import ManateeCore
import ManateeJournal
import ManateePorts
import ManateeWire

/// The past of a shard, and of the peer that tells it.
enum HistoryBodies {
    /// Patroni's rows: timeline, position at which it ended, reason, time, new leader; oldest first.
    static func patroni(_ picture: ShardPicture?) -> JSONValue {
        let chapters = picture?.history ?? []
        let rows = zip(chapters, chapters.dropFirst()).compactMap { before, after -> JSONValue? in
            guard let old = before.state, let new = after.state, let timeline = old.timeline,
                let next = new.timeline, next != timeline
            else { return nil }
            return .array([
                .integer(Int64(timeline.number)),
                .optional(new.initWAL.bytes),
                .string(after.summary.isEmpty ? "no recovery target specified" : after.summary),
                .string(after.time.description),
                .string(new.primary.zoneID),
            ])
        }
        return .array(rows)
    }

    /// Ours: every write of the cluster state, and this peer's records of role changes.
    static func manatee(_ picture: ShardPicture?, _ journal: Journal) -> JSONValue {
        .object([
            "seen": .optional(picture?.time.description),
            "failure": .optional(picture?.historyFailure),
            "states": .array((picture?.history ?? []).map(chapter)),
            "roleChanges": .array(journal.records.map(RoleChangeRecordJSON.value)),
        ])
    }

    private static func chapter(_ chapter: ShardPicture.Chapter) -> JSONValue {
        .object([
            "time": .string(chapter.time.description),
            "summary": .string(chapter.summary),
            "generation": .optional(chapter.state?.generation.number),
            "timeline": .optional(chapter.state?.timeline?.number),
            "initWal": .optional(chapter.state?.initWAL.description),
            "primary": .optional(chapter.state?.primary.zoneID),
            "sync": .optional(chapter.state?.sync?.zoneID),
            "async": .array((chapter.state?.async ?? []).map { .string($0.zoneID) }),
            "deposed": .array((chapter.state?.deposed ?? []).map { .string($0.zoneID) }),
        ])
    }
}
