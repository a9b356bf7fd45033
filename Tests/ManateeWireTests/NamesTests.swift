import ManateeCore
import ManateeWire
import Testing

@Suite("Names and data of the election and the history")
struct NamesTests {
    @Test(arguments: [
        ("10.77.77.7:5432:12345-0000000164", "10.77.77.7:5432:12345", 164),
        ("my-host:5432:12345-0000000000", "my-host:5432:12345", 0),
        ("fd00::7:5432:12345-2147483647", "fd00::7:5432:12345", 2_147_483_647),
        ("--0000000001", "-", 1),
    ])
    func `an election name is split at its last dash`(
        name: String,
        id: String,
        sequence: Int64
    ) throws {
        let parsed = try #require(ElectionName(name))
        #expect(parsed.id == PeerID(id))
        #expect(parsed.sequence == sequence)
        #expect(parsed.description == name)
    }

    @Test(arguments: ["", "-", "x", "x-", "-0000000001", "x-1", "x-00000000010", "x-00000000a1"])
    func `what is no election name is told`(name: String) {
        #expect(ElectionName(name) == nil)
    }

    @Test(arguments: [
        "10.77.77.7:5432:12345-0000000164", "10.77.77.8:5432:12345-0000000165",
    ])
    func `election data is written back with exactly its fields`(name: String) throws {
        let original = try Golden.bytes("election/\(name)")
        let id = try #require(ElectionName(name)).id
        let written = ElectionNodeJSON.encode(try ElectionNodeJSON.decode(original, id: id))
        #expect(written == original)
    }

    @Test(arguments: [
        (
            "10.77.77.9:5442:12355-0000000166", "tcp://postgres@10.77.77.9:5442/postgres",
            "http://10.77.77.9:12355"
        ),
        (
            "10.77.77.10-0000000009", "tcp://postgres@10.77.77.10:5432/postgres",
            "http://10.77.77.10:12345"
        ),
        (
            "fd00::7:5432:12345-0000000170", "tcp://postgres@[fd00::7]:5432/postgres",
            "http://[fd00::7]:12345"
        ),
    ])
    func `what Manatee 1 left out follows from the id`(
        name: String,
        postgresURL: String,
        backupURL: String
    ) throws {
        let id = try #require(ElectionName(name)).id
        let peer = try ElectionNodeJSON.decode(try Golden.bytes("election/\(name)"), id: id)
        #expect(peer.id == id)
        #expect(peer.postgresURL == postgresURL)
        #expect(peer.backupURL == backupURL)
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("10.0.0.1:5432", "10.0.0.1"), ("db.example:1:2", "db.example"),
        ("[fd00::7]:5432:12345", "fd00::7"), ("fd00::7:5432:12345", "fd00::7"),
    ])
    func `an address that is missing follows from the id`(id: String, ip: String) throws {
        let data = Array(#"{"zoneId":"z"}"#.utf8)
        #expect(try ElectionNodeJSON.decode(data, id: PeerID(id)).ip == ip)
    }

    @Test(arguments: [
        (#"{"ip":"10.0.0.1"}"#, "zoneId: found nothing, expected a text"),
        (#"{"zoneId":1}"#, "zoneId: found the number 1, expected a text"),
        (#"{"zoneId":"z","pgUrl":[]}"#, "pgUrl: found a list, expected a text"),
        ("[]", "found a list, expected an object"),
    ])
    func `election data that is wrong names peer and field`(text: String, error: String) {
        #expect {
            try ElectionNodeJSON.decode(Array(text.utf8), id: PeerID("a:1:2"))
        } throws: {
            String(describing: $0) == "the election entry of a:1:2: \(error)"
        }
    }

    @Test func `history names tell operators, sitters and Manatee 1 apart`() {
        #expect(HistoryName("2-0000000017") == .state(prefix: "2", sequence: "0000000017"))
        #expect(HistoryName("0-0000000018") == .state(prefix: "0", sequence: "0000000018"))
        let name = "1416000000000-10.77.77.7-AssumeLeader-primary-null-undefined-0000000003"
        guard case .version1(let event) = HistoryName(name) else {
            Issue.record("\(name) is an event of Manatee 1")
            return
        }
        #expect(event.milliseconds == 1_416_000_000_000)
        #expect(event.ip == "10.77.77.7" && event.action == "AssumeLeader")
        #expect(event.role == "primary" && event.master.isEmpty && event.slave.isEmpty)
        #expect(event.sequence == "0000000003")
        #expect(HistoryName("a-b-c").sequence.isEmpty)
    }

    @Test(arguments: ["2-0000000017", "0-0000000018"])
    func `history data is a cluster state`(name: String) throws {
        let data = try Golden.bytes("history/\(name)")
        #expect(ClusterStateJSON.encode(try ClusterStateJSON.decode(data)) == data)
    }
}
