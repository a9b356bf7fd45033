import ManateeCore
import ManateePorts
import ManateeWire
import Testing

@testable import ManateeBackup

@Suite("The bodies between backup server and receiver")
struct BodiesTests {
    private func read(_ text: String) throws -> BackupBodies.Request {
        try BackupBodies.readRequest(Array(text.utf8))
    }

    @Test func `a request comes out as it went in`() throws {
        let request = BackupBodies.Request(
            copy: CopyRequest(
                having: [SnapshotName(milliseconds: 1_700_000_000_001)],
                isFresh: true,
                compression: .zstd,
                bytesPerSecond: 5_000_000,
                postgresVersion: 15
            ),
            streamFormat: "zfs"
        )
        #expect(try read(JSONText.text(BackupBodies.request(request))) == request)
        #expect(try read(#"{"protocol":1}"#).copy == CopyRequest())
    }

    @Test func `an offer comes out as it went in`() throws {
        for base in [nil, SnapshotName(milliseconds: 1_700_000_000_001)] {
            let offer = BackupBodies.Offer(
                copy: CopyOffer(
                    job: "6dc5aab7",
                    snapshot: SnapshotName(milliseconds: 1_700_000_000_002),
                    base: base,
                    size: base == nil ? 5_000_000_000_000 : nil,
                    postgresVersion: 15
                ),
                expiresAfter: 60
            )
            let text = JSONText.text(BackupBodies.offer(offer))
            #expect(try BackupBodies.readOffer(Array(text.utf8)) == offer)
        }
    }

    @Test(arguments: [
        (#"{"host":"10.0.0.9","port":10001,"dataset":"zones/x/data/manatee"}"#, "PushNotPossible"),
        ("{}", "MissingParameter"), ("", "InvalidArgument"), ("[1]", "InvalidArgument"),
        (#"{"protocol":2}"#, "WrongVersion"), (#"{"protocol":"1"}"#, "WrongVersion"),
        (#"{"protocol":1,"having":"x"}"#, "InvalidArgument"),
        (#"{"protocol":1,"having":["-rf /"]}"#, "InvalidArgument"),
        (#"{"protocol":1,"having":[1]}"#, "InvalidArgument"),
        (#"{"protocol":1,"fresh":"yes"}"#, "InvalidArgument"),
        (#"{"protocol":1,"compression":"rar"}"#, "InvalidArgument"),
        (#"{"protocol":1,"bytesPerSecond":1}"#, "InvalidArgument"),
        (#"{"protocol":1,"postgresVersion":-15}"#, "InvalidArgument"),
    ])
    func `a request that cannot be served says why`(text: String, code: String) {
        do {
            _ = try read(text)
            Issue.record("it was taken")
        } catch {
            #expect((error as? BackupBodies.Invalid)?.code == code)
        }
    }

    @Test(arguments: [
        #"{}"#, #"{"jobid":"../x","snapshot":"1700000000002","expiresAfter":60}"#,
        #"{"jobid":"x","snapshot":"a b","expiresAfter":60}"#,
        #"{"jobid":"x","snapshot":"1700000000002","expiresAfter":0}"#,
        #"{"jobid":"x","snapshot":"1700000000002","expiresAfter":60,"base":"-i"}"#,
    ])
    func `an offer that cannot be trusted is refused`(text: String) {
        #expect(throws: BackupBodies.Invalid.self) {
            try BackupBodies.readOffer(Array(text.utf8))
        }
    }
}
