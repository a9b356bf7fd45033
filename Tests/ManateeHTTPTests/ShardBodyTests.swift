import HTTPTypes
import HummingbirdTesting
import ManateeCore
import ManateePorts
import NIOCore
import Testing

@testable import ManateeHTTP

@Suite("What is told of the whole shard")
struct ShardBodyTests {
    static func chapter(
        _ generation: Int,
        _ primary: Int,
        timeline: UInt32,
        _ summary: String
    ) -> ShardPicture.Chapter {
        ShardPicture.Chapter(
            time: WallTime(milliseconds: 1_700_000_000_000 + Int64(generation) * 1000),
            state: ClusterState(
                generation: Generation(generation),
                primary: ScriptedStatus.peer(primary),
                sync: nil,
                async: [],
                deposed: [],
                initWAL: LSN(UInt64(generation) << 24),
                timeline: TimelineID(timeline)
            ),
            summary: summary
        )
    }

    @Test func `lists members with role, state, position and lag`() async throws {
        let body = try await Asking().object("/cluster")
        #expect(body["scope"] as? String == "1.moray")
        let members = try #require(body["members"] as? [[String: Any]])
        #expect(members.map { $0["name"] as? String } == ["zone7", "zone2", "zone3"])
        #expect(members.map { $0["role"] as? String } == ["leader", "sync_standby", "replica"])
        #expect(members.map { $0["state"] as? String } == ["running", "streaming", "unknown"])
        #expect(members[0]["lag"] == nil)
        #expect(members[1]["lag"] as? Int == 4096)
        #expect(members[2]["lag"] as? String == "unknown")
        #expect(members[1]["receive_lsn"] as? String == "1/0")
        #expect(members[1]["api_url"] as? String == "http://10.0.0.2:5433/patroni")
        #expect(members[1]["port"] as? Int == 5432)
        #expect(body["pause"] == nil)
    }

    @Test func `takes what other peers tell from the survey`() async throws {
        var picture = ShardPicture(time: WallTime(milliseconds: 1_700_000_000_500))
        picture.postgres = [
            ScriptedStatus.peer(1).id: .answered(
                PostgresReport(replication: [
                    ReplicationRow(
                        applicationName: ScriptedStatus.peer(7).id.text,
                        state: "streaming",
                        syncState: "sync",
                        sent: LSN(0x2_0000_1000),
                        flush: LSN(0x2_0000_0000),
                        replay: LSN(0x2_0000_0000)
                    )
                ])
            ),
            ScriptedStatus.peer(3).id: .failed(cause: "ECONNREFUSED"),
        ]
        picture.issues = [ShardPicture.Issue(isError: false, text: "cluster has no async peers")]
        var asking = Asking(status: .standby(.sync, lag: 4096))
        asking.surroundings.picture = picture
        let body = try await asking.object("/cluster")
        let members = try #require(body["members"] as? [[String: Any]])
        let names = members.map { $0["name"] as? String }
        #expect(names == ["zone1", "zone7", "zone3", "zone2"])
        let states = members.map { $0["state"] as? String }
        #expect(states == ["running", "streaming", "unreachable", "unknown"])
        // The sync's own word for its replay, the primary's for the end.
        #expect(members[1]["lag"] as? Int == 8192)
        let ours = try #require(body["manatee"] as? [String: Any])
        #expect(ours["seen"] as? String == "2023-11-14T22:13:20.500Z")
        let issues = try #require(ours["issues"] as? [[String: String]])
        #expect(issues == [["level": "warning", "text": "cluster has no async peers"]])
    }

    @Test func `says that a frozen shard is paused, and why`() async throws {
        var status = ScriptedStatus.working
        status.view.state?.state.freeze = .explained(["reason": .string("disk swap")])
        let body = try await Asking(status: status).object("/cluster")
        #expect(body["pause"] as? Bool == true)
        let freeze = (body["manatee"] as? [String: Any])?["freeze"] as? [String: Any]
        #expect(freeze?["reason"] as? String == "disk swap")
    }

    @Test func `has Patroni's rows for each change of timeline`() async throws {
        var asking = Asking()
        asking.surroundings.picture = ShardPicture(
            time: WallTime(milliseconds: 0),
            history: [
                Self.chapter(1, 1, timeline: 1, "cluster setup"),
                Self.chapter(2, 2, timeline: 2, "sync (zone2) took over"),
                Self.chapter(3, 2, timeline: 2, "another sync"),
                Self.chapter(4, 1, timeline: 3, "sync (zone1) took over"),
            ]
        )
        let rows = try JSON.array(try await asking.ask("/history")).map {
            try #require($0 as? [Any])
        }
        #expect(rows.map { $0[0] as? Int } == [1, 2])
        #expect(rows.map { $0[1] as? Int } == [2 << 24, 4 << 24])
        #expect(rows[0][2] as? String == "sync (zone2) took over")
        #expect(rows[0][3] as? String == "2023-11-14T22:13:22.000Z")
        #expect(rows.map { $0[4] as? String } == ["zone2", "zone1"])
        let ours = try await asking.object("/history?format=manatee")
        #expect((ours["states"] as? [Any])?.count == 4)
        #expect(try await asking.ask("/history?format=xml").status == .badRequest)
    }

    @Test func `explains the peer's reasons`() async throws {
        var status = ScriptedStatus.standby(.sync)
        status.view.reasons = [.assumed(.sync, Generation(7)), .storeAway]
        status.view.pending = [.postgresRetry]
        let all = try await Asking(status: status).object("/explain?format=json")
        let body = try #require(all["self"] as? [String: Any])
        #expect(body["role"] as? String == "sync")
        #expect(body["pending"] as? [String] == ["pg retry"])
        let reasons = try #require(body["reasons"] as? [[String: String]])
        #expect(reasons.map { $0["reason"] } == ["assumed", "store_away"])
        #expect(reasons.map { $0["weight"] } == ["decision", "notice"])
        #expect(reasons[0]["text"] == "this peer is sync in generation 7")
    }

    @Test func `explains the shard with what this peer knows better`() async throws {
        var status = ScriptedStatus.standby(.sync)
        status.view.misses = [ScriptedStatus.peer(1).id]
        status.view.hears = [ScriptedStatus.peer(3).id]
        status.view.activePeers = [1, 7, 3].map(ScriptedStatus.peer)
        status.view.judgements = [
            .init(
                id: ScriptedStatus.peer(3).id,
                judgement: .alive,
                word: PeerWord(postgres: .serving, hears: [ScriptedStatus.peer(1).id])
            )
        ]
        let asking = Asking(status: status)
        let response = try await asking.ask("/explain")
        #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
        let text = String(buffer: response.body)
        #expect(text.hasPrefix("state:   zone7 cannot hear primary zone1, but zone3 can\n"))
        #expect(text.contains("\nzone7 says:\n"))
        let json = try await asking.ask("/explain", headers: [.accept: "application/json"])
        let body = try JSON.object(json)
        let summary = try #require(body["summary"] as? [String: Any])
        #expect(summary["state"] as? [String] == ["zone7 cannot hear primary zone1, but zone3 can"])
        #expect(try await asking.ask("/explain?format=xml").status == .badRequest)
    }

    private func explained(_ status: ScriptedStatus) async throws -> String {
        let body = try await Asking(status: status).ask("/explain").body
        return String(buffer: body)
    }

    @Test func `explains a full disk and a lost postgres of its own`() async throws {
        var status = ScriptedStatus.working
        status.space = SpaceStatus(
            level: .critical,
            space: StorageSpace(total: 1000 << 20, free: 40 << 20, usedBySnapshots: nil),
            hasReserve: false
        )
        var text = try await explained(status)
        #expect(text.contains("the disk of primary zone7 is full: 40 MB free of 1000 MB\n"))
        status.space = nil
        status.postgres.healthy = false
        status.postgres.error = "connection refused"
        text = try await explained(status)
        #expect(text.contains("writes:  stopped: the postgres of zone7 is not as it should be\n"))
    }
}
