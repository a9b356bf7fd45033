import ManateeLocal
import Testing
import ZooKeeperClient

@Suite(
    "One real ZooKeeper server: access control",
    .serialized,
    .timeLimit(.minutes(2)),
    .zooKeeper(servers: 1)
)
struct AccessTests {
    @Test func `only who knows the password may read and write`() async throws {
        let store = try RunningStore.shared()
        var authenticated = try store.configuration()
        authenticated.authentication = [.digest(user: "manatee", password: "sea grass")]
        try await ZooKeeperClient.withClient(authenticated, logger: .quiet) { owner in
            try await owner.create("/own", data: [1], acl: .creatorOnly)
            let digest = ACL.digest(user: "manatee", password: "sea grass", .all)
            #expect(try await owner.getACL("/own").entries == [digest])
            try await owner.create(
                "/shared",
                data: [2],
                acl: [digest, .world(.read)]
            )

            try await store.withClient { stranger in
                let refused = try await failure { try await stranger.get("/own") }
                #expect(refused.code == .notAuthorized)
                #expect(refused.outcome == .notDone)
                #expect(try await stranger.get("/shared").data == [2])
                #expect(
                    try await failure { try await stranger.set("/shared", data: [], version: nil) }
                        .code == .notAuthorized
                )
                let acl = try await owner.getACL("/own")
                try await owner.setACL("/own", .open, aclVersion: acl.stat.aclVersion)
                #expect(try await stranger.get("/own").data == [1])
                #expect(
                    try await failure {
                        try await owner.setACL("/own", .open, aclVersion: acl.stat.aclVersion)
                    }.code == .badVersion
                )
            }
        }
    }

    @Test func `credentials are shown again after a reconnect`() async throws {
        let store = try RunningStore.shared()
        let port = store.ensemble.servers[0].settings.clientPort
        try await Relay.with(target: port) { relay in
            var configuration = try ZooKeeperConfiguration("127.0.0.1:\(relay.port)")
            configuration.authentication = [
                .digest(user: "a", password: "1"), .digest(user: "b", password: "2"),
            ]
            try await ZooKeeperClient.withClient(configuration, logger: .quiet) { client in
                try await client.create(
                    "/again",
                    acl: [.digest(user: "b", password: "2", .all)]
                )
                _ = try await client.get("/again")
                relay.set(.cut)
                try await eventually("the cut is noticed") { client.status.state == .suspended }
                relay.set(.open)
                _ = try await client.get("/again")
            }
        }
    }

    @Test func `credentials that the server cannot take end the session`() async throws {
        let store = try RunningStore.shared()
        var configuration = try store.configuration()
        configuration.authentication = [Authentication(scheme: "nonesuch", credentials: [1])]
        try await ZooKeeperClient.withClient(configuration, logger: .quiet) { client in
            let error = try await failure { try await client.get("/") }
            #expect(error.code == .authenticationFailed)
            #expect(error.outcome == .notDone)
            #expect(client.status.state == .authenticationFailed)
        }
    }

    @Test func `a list that makes no sense is refused`() async throws {
        try await RunningStore.shared().withClient { client async throws in
            let nonsense = ACL(permissions: .all, scheme: "nonesuch", id: "x")
            #expect(
                try await failure { try await client.create("/acl", acl: [nonsense]) }.code
                    == .invalidACL
            )
            #expect(
                try await failure { try await client.create("/acl", acl: []) }.code
                    == .invalidArgument
            )
        }
    }
}
