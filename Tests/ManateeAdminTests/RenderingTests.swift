import ManateeAdmin
import ManateeCore
import ManateePorts
import Testing

@Suite("A lag")
struct LagTests {
    @Test(arguments: [
        (Duration.zero, "0m00s"), (.milliseconds(999), "0m00s"), (.seconds(9), "0m09s"),
        (.seconds(60), "1m00s"), (.seconds(86465), "1441m05s"), (.seconds(-3), "0m00s"),
    ])
    func `is minutes and seconds`(lag: Duration, text: String) {
        #expect(LagText(lag).text == text)
    }
}

@Suite("A moment")
struct TimestampTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"),
        (1_426_704_011_095, "2015-03-18T18:40:11.095Z"),
        (1_709_164_799_999, "2024-02-28T23:59:59.999Z"),
        (1_000_000_000_007, "2001-09-09T01:46:40.007Z"),
    ])
    func `keeps its milliseconds`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).text == text)
    }

    @Test func `is the same for every millisecond of a second`() {
        for millisecond in 0..<1000 {
            let digits = String(String(1000 + millisecond).dropFirst())
            let text = Timestamp(milliseconds: 1_426_704_011_000 + Int64(millisecond)).text
            #expect(text == "2015-03-18T18:40:11.\(digits)Z")
        }
    }
}

@Suite("A table")
struct TableTests {
    @Test func `lets a value overflow, and pads the last column`() {
        let table = Table(
            columns: [Table.Column("A", width: 3), Table.Column("N", width: 2, alignment: .right)],
            rows: [["x", "1"], ["toolong", "123"]]
        )
        #expect(table.text() == "A    N\nx    1\ntoolong 123\n")
        #expect(table.text(omitHeader: true) == "x    1\ntoolong 123\n")
    }
}

@Suite("The row of a downstream")
struct DownstreamRowTests {
    private let peers = (1...3).map { number in
        Peer(
            id: PeerID("127.0.0.1:\(number):9"),
            ip: "127.0.0.1",
            postgresURL: "tcp://postgres@127.0.0.1:\(number)/postgres",
            zoneID: "peer\(number)-here",
            backupURL: nil
        )
    }

    private func details(_ rows: [ReplicationRow]) -> ClusterDetails {
        let state = ClusterState(
            generation: Generation(1),
            primary: peers[0],
            sync: peers[1],
            async: [peers[2]],
            deposed: [],
            initWAL: .zero
        )
        let alone = PostgresSighting.answered(PostgresReport())
        let behind = row(peers[2].id.text, syncState: "async")
        return ClusterDetails(
            state: state,
            postgres: [
                peers[0].id: .answered(PostgresReport(replication: rows)),
                peers[1].id: .answered(PostgresReport(replication: [behind])),
                peers[2].id: alone,
            ]
        )
    }

    private func row(
        _ name: String?,
        address: String? = "127.0.0.1",
        state: String? = "streaming",
        syncState: String = "sync"
    ) -> ReplicationRow {
        ReplicationRow(
            applicationName: name,
            clientAddress: address,
            state: state,
            syncState: syncState
        )
    }

    @Test(arguments: [
        "127.0.0.1:2:9", "tcp://postgres@127.0.0.1:2/postgres", "peer2-here",
    ])
    func `is the one that names it, however many there are`(name: String) {
        let wanted = row(name)
        let details = details([
            row("pg_basebackup", syncState: "async"), row("127.0.0.1:3:9", syncState: "async"),
            wanted,
        ])
        #expect(details.downstreamRow(of: peers[0]) == wanted)
        #expect(ClusterVerdict(details).isHealthy)
    }

    @Test func `is never a base backup's, nor one whose state may not be seen`() {
        let details = details([
            row("pg_basebackup"), row("someone", state: "backup"), row("127.0.0.1:2:9", state: nil),
        ])
        #expect(details.downstreamRow(of: peers[0]) == nil)
    }

    @Test func `shows another peer of the same host in its place`() {
        let issues = ClusterVerdict(details([row("127.0.0.1:3:9")])).issues
        #expect(
            issues.map(\.line) == [
                "error: peer \"peer1-he\": expected downstream peer to be \"127.0.0.1:2:9\", "
                    + "but found \"127.0.0.1:3:9\""
            ]
        )
    }

    @Test func `counts a local socket as another address`() {
        let issues = ClusterVerdict(details([row("127.0.0.1:2:9", address: nil)])).issues
        #expect(issues.map(\.message).first?.hasSuffix("but found \"a local socket\"") == true)
    }
}

@Suite("An issue")
struct IssueTests {
    @Test func `is cut after its first line`() {
        let peer = Peer(
            id: PeerID("a"),
            ip: "a",
            postgresURL: "",
            zoneID: "0123456789",
            backupURL: nil
        )
        let issue = ClusterIssue(.error, .notQueryable(.primary, peer, cause: "one\ntwo"))
        #expect(
            issue.line == "error: cannot query postgres on primary: peer \"01234567\": one..."
        )
    }
}
