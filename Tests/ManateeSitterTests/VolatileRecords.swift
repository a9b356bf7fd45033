import ManateeCore
import ManateeJournal
import ManateePorts

/// Records of role changes in memory, that cannot be understood if the test says so.
actor VolatileRecords: RecordStorage {
    private(set) var records: [RoleChangeRecord]
    private let isDamaged: Bool

    init(_ records: [RoleChangeRecord] = [], isDamaged: Bool = false) {
        self.records = records
        self.isDamaged = isDamaged
    }

    func load() throws(EffectFailure) -> [RoleChangeRecord] {
        if isDamaged { throw EffectFailure("cannot understand it") }
        return records
    }

    func save(_ records: [RoleChangeRecord]) { self.records = records }
}
