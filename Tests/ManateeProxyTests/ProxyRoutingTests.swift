import Testing

@testable import ManateeProxy

@Suite("Who is led where")
struct ProxyRoutingTests {
    private let a = Backend(host: "10.0.0.1", port: 5432)
    private let b = Backend(host: "10.0.0.2", port: 5432)
    private let c = Backend(host: "10.0.0.3", port: 5432)
    private let start = ContinuousClock.now

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant {
        start + .milliseconds(milliseconds)
    }

    private func topology(_ generation: Int, _ backends: Backend...) -> ProxyTopology {
        ProxyTopology(
            generation: generation,
            primary: backends[0],
            standbys: Array(backends.dropFirst())
        )
    }

    private func routing(
        _ topology: ProxyTopology?,
        _ limits: ProxyLimits = ProxyLimits()
    ) -> ProxyRouting {
        var routing = ProxyRouting(limits: limits)
        if let topology { #expect(routing.changed(to: topology) == []) }
        return routing
    }

    private func report(
        _ admission: ServerReport.Admission,
        _ position: UInt64? = nil
    ) -> ServerReport {
        ServerReport(admission: admission, position: position)
    }

    // MARK: Writing

    @Test func `leads writers to the primary`() {
        var routing = routing(topology(1, a, b))
        #expect(routing.arrived(1, at: .readWrite) == nil)
        #expect(routing.route(1, at: at(0)) == .connect(a))
        routing.admitted(1)
        #expect(routing.connections == [a: 1])
        routing.ended(1)
        #expect(routing.connections == [:])
    }

    @Test func `holds whoever comes before there is a topology, and lets them go with it`() {
        var routing = routing(nil)
        for id in 1...2 {
            #expect(routing.arrived(UInt64(id), at: .readWrite) == nil)
            #expect(routing.route(UInt64(id), at: at(0)) == .wait(.milliseconds(500)))
        }
        #expect(routing.changed(to: topology(1, a, b)) == [.retry(1), .retry(2)])
        #expect(routing.route(1, at: at(10)) == .connect(a))
        #expect(routing.held == [2])
    }

    @Test func `cuts the writers of a primary that was replaced, and only them`() {
        var routing = routing(topology(1, a, b, c))
        for (id, listener) in [(1, ProxyListener.readWrite), (2, .readOnly), (3, .readWrite)] {
            _ = routing.arrived(UInt64(id), at: listener)
            _ = routing.route(UInt64(id), at: at(0))
        }
        routing.admitted(1)
        routing.admitted(2)
        // Another sync changes nothing for anybody.
        #expect(routing.changed(to: topology(2, a, c, b)) == [])
        // The third was connecting still.
        #expect(routing.changed(to: topology(3, c, b)) == [.cut(1), .cut(3)])
        #expect(routing.route(3, at: at(5)) == .connect(c))
    }

    @Test func `waits for a new primary until its sitter says that it is ready`() {
        var routing = routing(topology(1, a, b))
        _ = routing.reported(b, report(.unready, 10), at: at(0))
        _ = routing.changed(to: topology(2, b))
        _ = routing.reported(b, report(.unready, 10), at: at(1))
        _ = routing.arrived(1, at: .readWrite)
        #expect(routing.route(1, at: at(2)) == .wait(.milliseconds(500)))
        #expect(routing.reported(b, report(.gated, 10), at: at(3)) == [.retry(1)])
        #expect(routing.route(1, at: at(4)) == .wait(.milliseconds(500)))
        // A word about an earlier reign is none.
        _ = routing.reported(b, report(.open(generation: 1), 10), at: at(5))
        #expect(routing.route(1, at: at(6)) == .wait(.milliseconds(500)))
        #expect(routing.reported(b, report(.open(generation: 2), 11), at: at(7)) == [.retry(1)])
        #expect(routing.route(1, at: at(8)) == .connect(b))
    }

    @Test func `tries a primary whose sitter says nothing, once it was asked`() {
        var limits = ProxyLimits()
        limits.asksSitters = true
        var routing = routing(topology(1, a, b), limits)
        _ = routing.arrived(1, at: .readWrite)
        #expect(routing.route(1, at: at(0)) == .wait(.milliseconds(500)))
        #expect(routing.reported(a, nil, at: at(0)) == [.retry(1)])
        #expect(routing.route(1, at: at(0)) == .connect(a))
        _ = routing.failed(1, at: at(0))
        _ = routing.reported(a, report(.untold), at: at(0))
        #expect(routing.route(1, at: at(1)) == .connect(a))
        _ = routing.arrived(2, at: .readWrite)
        _ = routing.reported(a, nil, at: at(2))
        #expect(routing.route(2, at: at(3)) == .connect(a))
    }

    @Test func `goes on with a primary that has admitted somebody, when its sitter is new`() {
        var routing = routing(topology(1, a, b))
        _ = routing.arrived(1, at: .readWrite)
        _ = routing.route(1, at: at(0))
        routing.admitted(1)
        _ = routing.reported(a, report(.unready), at: at(1))
        _ = routing.arrived(2, at: .readWrite)
        #expect(routing.route(2, at: at(2)) == .connect(a))
        _ = routing.reported(a, report(.gated), at: at(3))
        _ = routing.arrived(3, at: .readWrite)
        #expect(routing.route(3, at: at(4)) == .wait(.milliseconds(500)))
    }

    @Test func `tries again, ever more slowly, while the primary does not answer`() {
        var routing = routing(topology(1, a, b))
        _ = routing.arrived(1, at: .readWrite)
        var pauses: [ProxyRouting.Decision] = []
        for attempt in 0..<6 {
            #expect(routing.route(1, at: at(attempt)) == .connect(a))
            pauses.append(routing.failed(1, at: at(attempt)))
        }
        #expect(
            pauses == [50, 100, 200, 400, 500, 500].map { .wait(.milliseconds($0)) }
        )
        // A change of the topology is a reason to be quick again.
        #expect(routing.changed(to: topology(2, b, a)) == [.retry(1)])
        _ = routing.route(1, at: at(10))
        #expect(routing.failed(1, at: at(10)) == .wait(.milliseconds(50)))
    }

    // MARK: Limits

    @Test func `sends away whom it cannot hold, by number and by time`() {
        var limits = ProxyLimits()
        limits.heldConnections = 1
        limits.holdTime = .seconds(2)
        var routing = routing(nil, limits)
        for id in 1...2 { _ = routing.arrived(UInt64(id), at: .readWrite) }
        #expect(routing.route(1, at: at(0)) == .wait(.milliseconds(500)))
        #expect(routing.route(2, at: at(1)) == .refuse(.tooManyHeld))
        #expect(routing.route(1, at: at(1900)) == .wait(.milliseconds(100)))
        #expect(routing.route(1, at: at(2000)) == .refuse(.heldTooLong))
    }

    @Test func `has a limit for each port`() {
        var limits = ProxyLimits()
        limits.connections = [.readWrite: 1, .readOnly: 1]
        var routing = routing(topology(1, a), limits)
        #expect(routing.arrived(1, at: .readWrite) == nil)
        #expect(routing.arrived(2, at: .readWrite) == .tooManyConnections)
        #expect(routing.arrived(3, at: .readOnly) == nil)
        routing.ended(1)
        #expect(routing.arrived(4, at: .readWrite) == nil)
    }

    @Test func `takes nobody any more once it drains`() {
        var routing = routing(nil)
        _ = routing.arrived(1, at: .readWrite)
        _ = routing.route(1, at: at(0))
        #expect(routing.drain() == [.retry(1)])
        #expect(routing.route(1, at: at(1)) == .refuse(.draining))
        #expect(routing.arrived(2, at: .readOnly) == .draining)
    }

    // MARK: Being turned away

    @Test func `waits out a server that starts, and passes other errors on`() {
        var routing = routing(topology(1, a))
        _ = routing.arrived(1, at: .readWrite)
        _ = routing.route(1, at: at(0))
        #expect(routing.turnedAway(1, sqlState: "57P03", at: at(1)) == .wait(.milliseconds(50)))
        _ = routing.route(1, at: at(2))
        #expect(routing.turnedAway(1, sqlState: "53300", at: at(3)) == nil)
        #expect(routing.turnedAway(1, sqlState: "57P03", at: at(30_000)) == nil)
    }

    @Test func `takes a refusal by pg_hba for the gate until the sitter has said otherwise`() {
        var routing = routing(topology(1, a))
        _ = routing.arrived(1, at: .readWrite)
        _ = routing.reported(a, report(.open(generation: 1)), at: at(0))
        _ = routing.route(1, at: at(1))
        // What the sitter said is older than what the server says.
        #expect(routing.turnedAway(1, sqlState: "28000", at: at(2)) != nil)
        _ = routing.reported(a, report(.gated), at: at(3))
        #expect(routing.route(1, at: at(4)) == .wait(.milliseconds(50)))
        _ = routing.reported(a, report(.open(generation: 1)), at: at(5))
        #expect(routing.route(1, at: at(6)) == .connect(a))
        // The gate is open: it is the client that is not admitted.
        #expect(routing.turnedAway(1, sqlState: "28000", at: at(7)) == nil)
    }

    @Test func `without a sitter's word, believes a refusal once somebody was admitted`() {
        var routing = routing(topology(1, a))
        for id in 1...2 {
            _ = routing.arrived(UInt64(id), at: .readWrite)
            _ = routing.route(UInt64(id), at: at(0))
        }
        #expect(routing.turnedAway(1, sqlState: "28000", at: at(1)) != nil)
        routing.admitted(2)
        _ = routing.route(1, at: at(2))
        #expect(routing.turnedAway(1, sqlState: "28000", at: at(3)) == nil)
    }

    // MARK: Reading

    private func readers(
        _ count: Int,
        of routing: inout ProxyRouting
    ) -> [ProxyRouting.Decision] {
        (0..<count).map { index in
            let id = UInt64(100 + index)
            _ = routing.arrived(id, at: .readOnly)
            return routing.route(id, at: at(1))
        }
    }

    @Test func `leads readers to the standbys in turn`() {
        var routing = routing(topology(1, a, b, c))
        let seen = readers(4, of: &routing)
        #expect(seen.count { $0 == .connect(b) } == 2)
        #expect(seen.count { $0 == .connect(c) } == 2)
    }

    @Test func `passes over a standby that lags, then one whose lag nobody knows`() {
        var limits = ProxyLimits()
        limits.maximumLag = 100
        var routing = routing(topology(1, a, b, c), limits)
        _ = routing.reported(a, report(.open(generation: 1), 1000), at: at(0))
        _ = routing.reported(b, report(.unready, 800), at: at(0))
        #expect(routing.lag(of: b) == 200)
        #expect(readers(2, of: &routing) == [.connect(c), .connect(c)])
        _ = routing.reported(b, report(.unready, 950), at: at(0))
        #expect(readers(2, of: &routing) == [.connect(b), .connect(b)])
        _ = routing.reported(b, report(.unready, 800), at: at(0))
        _ = routing.reported(c, report(.unready, 0), at: at(0))
        #expect(readers(1, of: &routing) == [.connect(a)])
    }

    @Test func `holds readers if the primary is not for them`() {
        var limits = ProxyLimits()
        limits.readsFallBackToPrimary = false
        var routing = routing(topology(1, a), limits)
        #expect(readers(1, of: &routing) == [.wait(.milliseconds(500))])
        #expect(routing.changed(to: topology(1, a, b)) == [.retry(100)])
    }

    @Test func `prefers the standby with the fewest clients, if told to`() {
        var limits = ProxyLimits()
        limits.balance = .leastConnections
        var routing = routing(topology(1, a, b, c), limits)
        let first = readers(3, of: &routing)
        #expect(Set([first[0], first[1]].map { "\($0)" }).count == 2)
        for id in [100, 101, 102] {
            if case .connect(b) = first[id - 100] { routing.ended(UInt64(id)) }
        }
        _ = routing.arrived(200, at: .readOnly)
        #expect(routing.route(200, at: at(2)) == .connect(b))
    }

    @Test func `turns to another standby when one does not answer, for a while`() {
        var routing = routing(topology(1, a, b, c))
        _ = routing.arrived(1, at: .readOnly)
        guard case .connect(let first) = routing.route(1, at: at(0)) else {
            Issue.record("no standby")
            return
        }
        let second = first == b ? c : b
        #expect(routing.failed(1, at: at(1)) == .connect(second))
        #expect(routing.failed(1, at: at(2)) == .connect(a))
        guard case .wait = routing.failed(1, at: at(3)) else {
            Issue.record("there is nobody left")
            return
        }
        #expect(routing.route(1, at: at(2_500)) != .connect(a))
    }

    @Test func `cuts readers whose server has lost its place, not those of a promoted one`() {
        var routing = routing(topology(1, a, b, c))
        let seen = readers(2, of: &routing)
        routing.admitted(100)
        routing.admitted(101)
        let cut = seen[0] == .connect(c) ? UInt64(100) : 101
        #expect(routing.changed(to: topology(2, b)) == [.cut(cut)])
    }

    @Test func `knows no topology older than its own reports`() {
        var routing = routing(topology(1, a, b))
        _ = routing.reported(b, report(.open(generation: 1), 5), at: at(0))
        _ = routing.changed(to: topology(2, b, a))
        #expect(routing.lag(of: b) == nil)
    }
}
