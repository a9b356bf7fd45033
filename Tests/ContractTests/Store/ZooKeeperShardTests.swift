import ManateeCore
import ManateeLocal
import ManateePorts
import ManateeWire
import Testing
import ZooKeeperClient

@testable import ManateeStore

@Suite(
    "A shard in ZooKeeper",
    .serialized,
    .timeLimit(.minutes(5)),
    .zooKeeper(servers: 1)
)
struct ZooKeeperShardTests {
    // MARK: What an original would find

    @Test func `has the original's layout, names and data`() async throws {
        let world = try ZooKeeperWorld()
        try await world.withPeer(.example(9)) { nine in
            _ = try await nine.nextConnected()
            try await nine.write(.example(1), expecting: nil)
            try await nine.write(.example(2), expecting: StateVersion(0))
            try await world.running.withClient { client in
                let names = try await client.children(of: world.root).names
                #expect(names.sorted() == ["election", "history", "state"])
                let entries = try await world.election()
                #expect(entries.keys.sorted() == ["10.0.0.9:5432:12345-0000000000"])
                let data = String(decoding: try #require(entries.values.first), as: UTF8.self)
                #expect(
                    data == #"{"zoneId":"zone-9","ip":"10.0.0.9","#
                        + #""pgUrl":"tcp://postgres@10.0.0.9:5432/postgres","#
                        + #""backupUrl":"http://10.0.0.9:12345"}"#
                )
                let history = try await client.children(of: "\(world.root)/history").names
                #expect(history.sorted() == ["1-0000000000", "2-0000000001"])
                let state = try await client.get("\(world.root)/state")
                #expect(state.stat.version == 1)
                #expect(state.stat.ephemeralOwner == nil)
                for path in ["", "/state", "/election", "/history/1-0000000000"] {
                    #expect(try await client.getACL(world.root + path).entries == .open)
                }
            }
        }
    }

    @Test func `lives below a chroot`() async throws {
        let world = try ZooKeeperWorld()
        try await world.running.withClient { try await $0.create("/\(world.name)") }
        let settings = StoreSettings(
            servers: world.running.ensemble.connectionString + "/\(world.name)"
        )
        let store = try world.shard(for: .example(9), settings, path: "/deep/er/shard")
        try await StoreProbe.run(store, .example(9)) { nine in
            _ = try await nine.nextConnected()
            try await nine.write(.example(1), expecting: nil)
            try await world.running.withClient { client in
                let path = "/\(world.name)/deep/er/shard/state"
                let stat = try await client.exists(path)
                #expect(stat != nil)
            }
        }
    }

    @Test(arguments: ["", "/", "///", "manatee/1"])
    func `is not at a path like this`(path: String) throws {
        let settings = StoreSettings(servers: "127.0.0.1:1")
        #expect {
            _ = try ZooKeeperShard(
                settings: settings,
                path: path,
                peer: .example(9),
                logger: .quiet
            )
        } throws: {
            "\($0)".contains("the shard's path '\(path)' must begin with '/'")
        }
    }

    // MARK: The election

    @Test func `counts a peer once, at its newest entry, and leaves its dead entry alone`()
        async throws
    {
        let world = try ZooKeeperWorld()
        let prefix = "\(world.root)/election/\(Peer.example(9).id)-"
        try await world.running.withClient { earlier in
            try await earlier.makeDirectory("\(world.root)/election", below: world.root, acl: .open)
            try await earlier.create(
                prefix,
                data: Array(#"{"zoneId":"earlier","ip":"10.0.0.9"}"#.utf8),
                mode: .ephemeralSequential
            )
            try await world.withPeers(.example(10), .example(9)) { ten, nine in
                let entries = try await world.election()
                #expect(entries.count == 3)
                let view = try #require(nine.firstView)
                #expect(view.activePeers.map(\.zoneID) == ["zone-10", "zone-9"])
                let count = ten.told.count
                await earlier.close()
                try await eventually("the entry goes") { try await world.election().count == 2 }
                #expect(ten.told.count == count, "the order of peers is the same")
            }
        }
    }

    @Test func `is not hidden by entries that cannot be understood`() async throws {
        let world = try ZooKeeperWorld()
        try await world.running.withClient { client in
            let election = "\(world.root)/election"
            try await client.makeDirectory(election, below: world.root, acl: .open)
            try await client.create("\(election)/10.0.0.7:1:2-0000000000", data: [0xFF])
            try await client.create("\(election)/10.0.0.8:1:2-0000000001", data: Array("{}".utf8))
            try await client.create("\(election)/stranger", data: [])
            try await client.create(
                "\(election)/10.0.0.6:5442:12355-0000000002",
                data: Array(#"{"zoneId":"v1","ip":"10.0.0.6"}"#.utf8)
            )
            try await world.withPeer(.example(9)) { nine in
                let view = try await nine.nextConnected()
                #expect(view.activePeers.map(\.zoneID) == ["v1", "zone-9"])
                #expect(view.activePeers[0].backupURL == "http://10.0.0.6:12355")
                try await client.delete("\(election)/10.0.0.7:1:2-0000000000", version: nil)
            }
        }
    }

    @Test func `has the peer's entry again after somebody removed it`() async throws {
        let world = try ZooKeeperWorld()
        try await world.withPeers(.example(9), .example(10)) { nine, ten in
            try await world.running.withClient { client in
                for name in try await world.election().keys where name.hasPrefix("10.0.0.9:") {
                    try await client.delete("\(world.root)/election/\(name)", version: nil)
                }
            }
            for probe in [nine, ten] { try await probe.sees([ten.peer, nine.peer]) }
            #expect(try await world.election().count == 2)
            #expect(!nine.told.contains(.disconnected))
        }
    }

    @Test func `can be written after somebody removed the history`() async throws {
        let world = try ZooKeeperWorld()
        try await world.withPeer(.example(9)) { nine in
            _ = try await nine.nextConnected()
            try await world.running.withClient { client in
                try await client.delete("\(world.root)/history", version: nil)
            }
            try await nine.write(.example(1), expecting: nil)
            let history = try await world.history()
            #expect(history.map(\.prefix) == ["1"])
        }
    }

    @Test func `has one entry for each session, also when a creation was not confirmed`()
        async throws
    {
        let world = try ZooKeeperWorld()
        try await world.running.withClient { client in
            let candidacy = Candidacy(
                client: client,
                paths: try ShardPaths(world.root),
                accessList: .open,
                peer: .example(9),
                logger: .quiet
            )
            let first = try await candidacy.stand()
            let second = try await candidacy.stand()
            #expect(second == first)
            // As two attempts would leave it of which neither was answered.
            let prefix = "\(world.root)/election/\(Peer.example(9).id)-"
            try await client.create(prefix, mode: .ephemeralSequential)
            let third = try await candidacy.stand()
            #expect(third == first)
            let entries = try await world.election()
            #expect(entries.keys.sorted() == [first.description])
        }
    }

    @Test func `has the entry again that was removed while the peer could not hear`()
        async throws
    {
        let world = try ZooKeeperWorld()
        try await world.withPeer(.example(9)) { nine in
            _ = try await nine.nextConnected()
            nine.link.loseReplies()
            try await world.running.withClient { client in
                for name in try await world.election().keys {
                    try await client.delete("\(world.root)/election/\(name)", version: nil)
                }
            }
            // Nothing is heard of the removal, and the connection is given up before the session.
            try await nine.nextDisconnected()
            nine.link.heal()
            let view = try await nine.nextConnected()
            #expect(view.activePeers == [nine.peer])
            #expect(try await world.election().count == 1)
        }
    }

    @Test func `survives the leader of three servers`() async throws {
        try await withTemporaryDirectory { directory in
            let ensemble = try ZooKeeperEnsemble(
                count: 3,
                directory: directory,
                installation: .find()
            ) { $0.properties["forceSync"] = "no" }
            do {
                try await ensemble.start()
                try await followThroughElection(of: ensemble)
            } catch {
                await ensemble.stop()
                throw error
            }
            await ensemble.stop()
        }
    }

    private func followThroughElection(of ensemble: ZooKeeperEnsemble) async throws {
        let settings = StoreSettings(
            servers: ensemble.connectionString,
            sessionTimeout: .seconds(10)
        )
        func shard(_ peer: Peer) throws -> ZooKeeperShard {
            try ZooKeeperShard(settings: settings, path: "/manatee/1", peer: peer, logger: .quiet)
        }
        try await StoreProbe.run(try shard(.example(9)), .example(9)) { nine in
            _ = try await nine.nextConnected()
            try await StoreProbe.run(try shard(.example(10)), .example(10)) { ten in
                _ = try await ten.nextConnected()
                let version = try await nine.write(.example(1), expecting: nil)
                try await ten.sees([nine.peer, ten.peer])
                await ensemble.leader()?.kill()
                for probe in [nine, ten] {
                    try await probe.nextDisconnected()
                    let view = try await probe.nextConnected()
                    #expect(view.activePeers == [nine.peer, ten.peer])
                    #expect(view.state?.version == version)
                }
                try await ten.write(.example(2), expecting: version)
                try await nine.next("the other's write") { event in
                    if case .state(let state?) = event, state.state == .example(2) {
                        ()
                    } else {
                        nil
                    }
                }
            }
        }
    }

    // MARK: Limits and access

    @Test func `takes a state up to its limit, and says what to do beyond`() async throws {
        let world = try ZooKeeperWorld()
        try await world.withPeer(.example(9)) { nine in
            _ = try await nine.nextConnected()
            var state = ClusterState.example(1)
            state.unknownFields["x"] = .string("")
            let overhead = ClusterStateJSON.encode(state).count
            let room = StateTransaction.maximumBytes - overhead
            state.unknownFields["x"] = .string(String(repeating: "x", count: room))
            let version = try await nine.write(state, expecting: nil)
            #expect(try await nine.nextState()?.version == version)
            state.unknownFields["x"] = .string(String(repeating: "x", count: room + 1))
            guard case .failed(let failure) = await nine.store.write(state, expecting: version)
            else {
                Issue.record("it was written")
                return
            }
            #expect(failure.detail.contains("bytes, and ZooKeeper takes"))
            #expect(failure.detail.contains("remove what others"))
            #expect(try await world.history().count == 1)
        }
    }

    @Test func `belongs to its user alone when there are credentials`() async throws {
        let world = try ZooKeeperWorld()
        var settings = StoreSettings(servers: world.running.ensemble.connectionString)
        settings.credentials = .init(user: "manatee", password: "secret")
        let store = try world.shard(for: .example(9), settings)
        try await StoreProbe.run(store, .example(9)) { nine in
            _ = try await nine.nextConnected()
            try await nine.write(.example(1), expecting: nil)
            try await world.running.withClient { stranger in
                for path in ["/state", "/election", "/history", "/history/1-0000000000"] {
                    let error = try await failure { try await stranger.get(world.root + path) }
                    #expect(error.code == .notAuthorized)
                }
            }
            let anonymous = StoreSettings(servers: settings.servers)
            let refused = try world.shard(for: .example(10), anonymous)
            await #expect {
                try await refused.run()
            } throws: { error in
                guard case .notAllowed(_, let servers) = error as? StoreFailure else {
                    return false
                }
                return servers == settings.servers && "\(error)".contains("credentials")
            }
            let admin = ZooKeeperShards(credentials: settings.credentials)
            let stored = try await admin.withShard(world.name, at: settings.servers) {
                try await $0.readState()
            }
            #expect(stored?.data == ClusterStateJSON.encode(.example(1)))
        }
    }

    @Test func `can be read by everybody if that is wished`() async throws {
        let world = try ZooKeeperWorld()
        var settings = StoreSettings(servers: world.running.ensemble.connectionString)
        settings.credentials = .init(user: "manatee", password: "secret")
        settings.worldMayRead = true
        let store = try world.shard(for: .example(9), settings)
        try await StoreProbe.run(store, .example(9)) { nine in
            _ = try await nine.nextConnected()
            try await nine.write(.example(1), expecting: nil)
            try await world.running.withClient { stranger in
                _ = try await stranger.get("\(world.root)/state")
                let error = try await failure {
                    try await stranger.set("\(world.root)/state", data: [], version: nil)
                }
                #expect(error.code == .notAuthorized)
            }
        }
    }

    @Test func `says which file of the encryption cannot be read`() throws {
        var settings = StoreSettings(servers: "127.0.0.1:1")
        settings.encryption = .init(
            authoritiesFile: "/nowhere/ca.pem",
            identity: .init(certificateFile: "/nowhere/own.pem", keyFile: "/nowhere/own.key")
        )
        #expect {
            _ = try settings.configuration()
        } throws: {
            "\($0)".contains("the authorities in /nowhere/ca.pem")
        }
    }
}

extension StoreProbe {
    /// Runs `body` while `store` runs, without a relay before it.
    static func run(
        _ store: ZooKeeperShard,
        _ peer: Peer,
        _ body: (StoreProbe) async throws -> Void
    ) async throws {
        let probe = StoreProbe(peer, store, NoLink())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await store.run() }
            group.addTask { for await event in store.events { probe.note(event) } }
            try await body(probe)
            group.cancelAll()
        }
    }
}

/// The plain network.
struct NoLink: StoreLink {
    func cut() {}
    func loseReplies() {}
    func heal() {}
}
