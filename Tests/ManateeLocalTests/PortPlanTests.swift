import Testing

@testable import ManateeLocal

@Suite("A port plan")
struct PortPlanTests {
    @Test func `gives each peer and server a decade of its own`() throws {
        let plan = try PortPlan.plan(peers: 2, storeNodes: 1, startingAt: 100) { _ in true }
        #expect(plan.peers.map(\.postgres) == [100, 110])
        #expect(plan.peers.map(\.status) == [101, 111])
        #expect(plan.peers.map(\.backup) == [102, 112])
        #expect(plan.peers.map(\.heartbeat) == [103, 113])
        #expect(plan.storeNodes == [120])
        #expect(Set(plan.allPorts).count == 9)
    }

    @Test func `passes over a decade in which a port is taken`() throws {
        let plan = try PortPlan.plan(peers: 2, storeNodes: 0, startingAt: 100) { $0 != 112 }
        #expect(plan.peers.map(\.postgres) == [100, 120])
    }

    @Test func `keeps what was planned before, even if it is in use now`() throws {
        let before = try PortPlan.plan(peers: 1, storeNodes: 1, startingAt: 100) { _ in true }
        let after = try PortPlan.plan(
            peers: 3,
            storeNodes: 1,
            existing: before,
            startingAt: 100
        ) { $0 >= 120 }
        #expect(after.peers.map(\.postgres) == [100, 120, 130])
        #expect(after.storeNodes == before.storeNodes)
    }

    @Test func `says so when no ports are left`() {
        #expect(throws: PortPlanFailure(start: 65_500)) {
            try PortPlan.plan(peers: 9, storeNodes: 1, startingAt: 65_500) { _ in true }
        }
    }
}
