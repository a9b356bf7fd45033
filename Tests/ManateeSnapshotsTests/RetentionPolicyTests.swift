import ManateeCore
import ManateePorts
import ManateeSnapshots
import Testing

@Suite("A retention policy")
struct RetentionPolicyTests {
    private static let now: Int64 = 1_700_000_000_000

    /// Snapshots taken so many seconds ago, in the given order.
    private func taken(_ ages: Int64..., holds: Int = 0) -> [StorageSnapshot] {
        ages.map {
            StorageSnapshot(
                name: SnapshotName(milliseconds: Self.now - $0 * 1000),
                holds: holds
            )
        }
    }

    private func names(_ ages: Int64...) -> [SnapshotName] {
        ages.map { SnapshotName(milliseconds: Self.now - $0 * 1000) }
    }

    private func operators(_ name: String) throws -> StorageSnapshot {
        StorageSnapshot(name: try #require(SnapshotName(name)))
    }

    private func plan(
        _ policy: RetentionPolicy,
        _ snapshots: [StorageSnapshot],
        free: Int64? = nil
    ) -> RetentionPlan {
        let space = free.map { StorageSpace(total: 1000, free: $0, usedBySnapshots: nil) }
        return policy.plan(for: snapshots, at: Self.now, space: space)
    }

    @Test func `lets the oldest beyond the number go, by the time in their names`() {
        let plan = plan(RetentionPolicy(number: 2), taken(10, 40, 20, 30))
        #expect(plan.excess == 2)
        #expect(Array(plan.candidates) == names(40, 30, 20))
        #expect(plan.cause == .number)
    }

    @Test func `keeps as many as there may be`() {
        let plan = plan(RetentionPolicy(number: 3), taken(30, 20, 10))
        #expect(plan.excess == 0)
        #expect(plan.candidates.isEmpty)
    }

    @Test func `never touches and never counts what is not Manatee's`() throws {
        let snapshots =
            try taken(20, 10) + [
                operators("before-upgrade"), operators("170000000000"),
                operators("17000000000000"), operators("170000000000x"),
            ]
        #expect(plan(RetentionPolicy(number: 2), snapshots).excess == 0)
        let one = plan(RetentionPolicy(number: 1), snapshots)
        #expect(one.excess == 1)
        #expect(Array(one.candidates) == names(20))
    }

    @Test func `never touches and never counts what has a hold`() {
        let snapshots = taken(50, 40, holds: 1) + taken(30, 20, 10)
        let plan = plan(RetentionPolicy(number: 2, age: .seconds(35)), snapshots)
        #expect(plan.aged.isEmpty)
        #expect(plan.excess == 1)
        #expect(Array(plan.candidates) == names(30, 20))
    }

    @Test func `lets go what is too old, but never the newest`() {
        let policy = RetentionPolicy(number: 10, age: .seconds(25))
        #expect(plan(policy, taken(40, 30, 20, 10)).aged == names(40, 30))
        #expect(plan(policy, taken(400, 300)).aged == names(400))
        #expect(plan(policy, taken(400)).aged.isEmpty)
        #expect(plan(policy, taken(25, 10)).aged.isEmpty)
    }

    @Test func `counts what is left after the old ones`() {
        let policy = RetentionPolicy(number: 1, age: .seconds(35))
        let plan = plan(policy, taken(40, 30, 20, 10))
        #expect(plan.aged == names(40))
        #expect(plan.excess == 2)
        #expect(Array(plan.candidates) == names(30, 20))
    }

    @Test(arguments: [(100, false), (99, true)])
    func `lets one go for space at a time`(free: Int64, goes: Bool) {
        let policy = RetentionPolicy(number: 10, minimumFree: .percent(10))
        let plan = plan(policy, taken(30, 20, 10), free: free)
        #expect(plan.excess == (goes ? 1 : 0))
        #expect(plan.cause == (goes ? .space : .number))
        #expect(Array(plan.candidates) == (goes ? names(30, 20) : []))
    }

    @Test func `keeps the newest however little room there is`() {
        let policy = RetentionPolicy(number: 10, minimumFree: .bytes(500))
        #expect(plan(policy, taken(10), free: 0).excess == 0)
        #expect(plan(policy, taken(20, 10), free: 0).excess == 1)
    }

    @Test func `decides nothing by a space that is not known`() {
        let policy = RetentionPolicy(number: 10, minimumFree: .percent(100))
        #expect(plan(policy, taken(20, 10)).excess == 0)
    }

    @Test func `sees what goes for another reason before it looks at the space`() {
        let policy = RetentionPolicy(number: 2, minimumFree: .percent(10))
        let plan = plan(policy, taken(30, 20, 10), free: 0)
        #expect(plan.excess == 1)
        #expect(plan.cause == .number)
    }
}
