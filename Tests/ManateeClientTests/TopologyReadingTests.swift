import Testing

@testable import ManateeClient

@Suite("What a client makes of a shard's nodes")
struct TopologyReadingTests {
    private func peer(_ number: Int) -> String {
        """
        {"id":"10.0.0.\(number):5432:12345","ip":"10.0.0.\(number)",\
        "pgUrl":"tcp://postgres@10.0.0.\(number):5432/postgres","zoneId":"zone\(number)",\
        "backupUrl":"http://10.0.0.\(number):12345"}
        """
    }

    private func read(_ state: String?, election: [String] = []) throws -> Topology {
        let reading = TopologyReading(
            state: state.map { Array($0.utf8) },
            election: election,
            path: "/manatee/1/state"
        )
        guard case .topology(let topology) = reading else {
            Issue.record("\(reading)")
            throw CancellationError()
        }
        return topology
    }

    @Test func `is primary, sync and asyncs in their order, without the deposed`() throws {
        let topology = try read(
            """
            {"generation":3,"primary":\(peer(2)),"sync":\(peer(3)),\
            "async":[\(peer(5)),\(peer(4))],"deposed":[\(peer(1))],"initWal":"0/4405D30"}
            """,
            election: ["10.0.0.1:5432:12345-0000000001"]
        )
        #expect(
            topology.urls
                == [2, 3, 5, 4].map { "tcp://postgres@10.0.0.\($0):5432/postgres" }
        )
        #expect(topology.servers.map(\.role) == [.primary, .sync, .async, .async])
        #expect(topology.token == FencingToken(3))
        #expect(topology.primary?.server.host == "10.0.0.2")
        #expect(topology.standbys.map(\.port) == [5432, 5432, 5432])
    }

    @Test func `has no sync in one-node-write mode`() throws {
        let topology = try read(
            """
            {"generation":1,"primary":\(peer(1)),"sync":null,"async":[],"deposed":[],\
            "initWal":"0/0","oneNodeWriteMode":true}
            """
        )
        #expect(topology.urls == ["tcp://postgres@10.0.0.1:5432/postgres"])
        #expect(topology.standbys == [])
    }

    @Test func `is the election in its order while there is no state`() throws {
        let topology = try read(
            nil,
            election: [
                "10.0.0.9:5432:12345-0000000012", "10.0.0.10:5433:12345-0000000010",
                "10.0.0.8-0000000011", "not an entry",
            ]
        )
        #expect(topology.urls == ["tcp://10.0.0.10:5433", "tcp://10.0.0.8", "tcp://10.0.0.9:5432"])
        #expect(topology.primary == nil)
        #expect(topology.token == nil)
        #expect(topology.standbys == [])
    }

    @Test func `names a peer once that stands twice, at the place of its newest entry`() throws {
        let topology = try read(
            nil,
            election: [
                "10.0.0.1:5432:12345-0000000001", "10.0.0.2:5432:12345-0000000002",
                "10.0.0.1:5432:12345-0000000003",
            ]
        )
        #expect(topology.urls == ["tcp://10.0.0.2:5432", "tcp://10.0.0.1:5432"])
    }

    @Test(arguments: ["", "{", "[]", #"{"generation":1}"#])
    func `cannot be told from nonsense`(_ state: String) {
        let reading = TopologyReading(state: Array(state.utf8), election: [], path: "/m/1/state")
        guard case .unreadable(let detail) = reading else {
            Issue.record("\(reading)")
            return
        }
        #expect(detail.contains("/m/1/state"))
    }

    @Test func `follows no older generation than it has had, and says so`() throws {
        func state(_ generation: Int) -> Topology {
            Topology(servers: [], token: FencingToken(generation))
        }
        var memory = TopologyMemory()
        #expect(memory.judge(.topology(state(2))) == .follow(state(2)))
        #expect(memory.judge(.topology(state(3))) == .follow(state(3)))
        #expect(
            memory.judge(.topology(state(2)))
                == .keep(.wentBack(known: FencingToken(3), found: FencingToken(2)))
        )
        let election = Topology(servers: [], token: nil)
        #expect(memory.judge(.topology(election)) == .follow(election))
        #expect(
            memory.judge(.topology(state(1)))
                == .keep(.wentBack(known: FencingToken(3), found: FencingToken(1)))
        )
        #expect(memory.judge(.unreadable("x")) == .keep(.unreadable("x")))
        #expect(memory.judge(.topology(state(3))) == .follow(state(3)))
    }
}
