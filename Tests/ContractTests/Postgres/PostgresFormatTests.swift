import Foundation
import ManateeCore
import ManateeGuard
import Testing

@testable import ManateePostgres

@Suite("What PostgreSQL prints")
struct PostgresFormatTests {
    @Test func `pg_controldata is read`() throws {
        let text = """
            pg_control version number:            1300
            Database system identifier:           7446041462350112345
            Database cluster state:               in archive recovery
            Latest checkpoint location:           0/3000060
            Latest checkpoint's REDO location:    0/3000028
            Latest checkpoint's REDO WAL file:    000000020000000000000003
            Latest checkpoint's TimeLineID:       2
            Minimum recovery ending location:     0/3000110
            Min recovery ending loc's timeline:   2
            WAL block size:                       8192
            Bytes per WAL segment:                16777216
            """
        let data = try #require(ControlData(parsing: text))
        #expect(data.systemIdentifier == SystemIdentifier(7_446_041_462_350_112_345))
        #expect(data.state == .standby)
        #expect(data.checkpoint == WALPosition(timeline: TimelineID(2), lsn: LSN(0x300_0060)))
        #expect(data.redo == LSN(0x300_0028))
        #expect(data.minimumRecovery == LSN(0x300_0110))
        #expect(data.segmentSize == 16_777_216)
        #expect(data.pageSize == 8192)
    }

    @Test(arguments: [
        (0x28, 114, 0xA0), (0x28, 120, 0xA0), (8192 - 120, 120, 8192), (8192 - 120, 114, 8192),
        (8192 - 112, 114, 8192 + 24 + 8), (8192 - 8, 8192, 2 * 8192 + 24 + 16),
        (0x100_0000 - 8, 114, 0x100_0000 + 40 + 112), (8192 + 24, 114, 8192 + 24 + 120),
    ])
    func `a record ends behind the page headers in it`(start: Int, length: Int, end: Int) {
        let pages = RecordEnd(pageSize: 8192, segmentSize: 1 << 24)
        #expect(pages.end(of: LSN(UInt64(start)), length: UInt32(length)) == LSN(UInt64(end)))
    }

    @Test(arguments: ["", "Database system identifier: x", "a: b"])
    func `anything else is not taken for pg_controldata`(text: String) {
        #expect(ControlData(parsing: text) == nil)
    }

    @Test func `a history file is read`() throws {
        let text =
            "1\t0/3000148\tno recovery target specified\n\n# note\n2\t1/A0\treason with words\n"
        let history = try #require(TimelineHistory(parsing: text))
        #expect(
            history.switches == [
                .init(timeline: TimelineID(1), end: LSN(0x300_0148)),
                .init(timeline: TimelineID(2), end: LSN(0x1_0000_00A0)),
            ]
        )
        #expect(TimelineHistory(parsing: "nonsense\n") == nil)
    }

    @Test func `names of log segments are read`() throws {
        let segment = try #require(WALSegment("0000000200000001000000FE", segmentSize: 1 << 24))
        #expect(segment.timeline == TimelineID(2))
        #expect(segment.start == LSN(0x1_FE00_0000))
        #expect(WALSegment("00000002.history", segmentSize: 1 << 24) == nil)
        #expect(WALSegment("000000020000000100000001.partial", segmentSize: 1 << 24) == nil)
        #expect(WALSegment.historyName(of: TimelineID(26)) == "0000001A.history")
    }

    @Test func `a lock file is read`() {
        let text = "4711\n/data\n1700000000\n5432\n/run/socket\n127.0.0.1\n 1234 5\nready\n"
        let lock = LockFile(parsing: text)
        #expect(lock?.pid == 4711)
        #expect(lock?.dataDirectory == "/data")
        #expect(lock?.port == 5432)
        #expect(lock?.socketDirectory == "/run/socket")
        #expect(LockFile(parsing: "") == nil)
        #expect(LockFile(parsing: "1\n/\n") == nil)
    }

    @Test func `the progress of a copy is read`() {
        let progress = BaseBackupProgress(parsing: "23456/34567 kB (67%), 0/1 tablespace")
        #expect(progress?.completed == 24_018_944)
        #expect(progress?.total == 35_396_608)
        #expect(BaseBackupProgress(parsing: "waiting for checkpoint") == nil)
    }

    @Test(arguments: [
        ("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)", 15),
        ("postgres (PostgreSQL) 18beta1", nil),
        ("postgres (PostgreSQL) 13.3", 13),
    ])
    func `the version of the programs is read`(text: String, major: Int?) {
        #expect(Installation.majorVersion(parsing: text) == major)
    }
}

@Suite("Two lines of timelines")
struct DivergenceTests {
    private func line(_ switches: (UInt32, UInt64)...) -> TimelineHistory {
        TimelineHistory(switches.map { .init(timeline: TimelineID($0.0), end: LSN($0.1)) })
    }

    private func at(_ timeline: UInt32, _ lsn: UInt64) -> WALPosition {
        WALPosition(timeline: TimelineID(timeline), lsn: LSN(lsn))
    }

    private func compare(
        _ own: TimelineHistory,
        _ timeline: UInt32,
        _ source: TimelineHistory,
        _ sourceTimeline: UInt32
    ) -> Divergence {
        Divergence(
            own: own,
            endingOn: TimelineID(timeline),
            source: source,
            endingOn: TimelineID(sourceTimeline)
        )
    }

    @Test func `are one while both are on the same timeline`() {
        #expect(compare(line(), 1, line(), 1) == .none)
        #expect(compare(line((1, 10)), 2, line((1, 10)), 2) == .none)
    }

    @Test func `may part where only the source went on`() {
        #expect(compare(line(), 1, line((1, 10)), 2) == .possible(at(1, 10)))
        #expect(compare(line((1, 10)), 2, line((1, 10), (2, 20)), 3) == .possible(at(2, 20)))
    }

    @Test func `part for certain where the own copy went its own way`() {
        #expect(compare(line((1, 10)), 2, line(), 1) == .certain(at(1, 10)))
        #expect(compare(line((1, 10)), 2, line((1, 12)), 2) == .certain(at(1, 10)))
        #expect(compare(line((1, 12)), 2, line((1, 10)), 2) == .certain(at(1, 10)))
        #expect(compare(line((1, 10)), 2, line((1, 10)), 3) == .certain(at(1, 10)))
    }
}

@Suite("What Manatee writes for PostgreSQL")
struct PostgresFilesTests {
    private func settings() throws -> PostgresServer.Settings {
        PostgresServer.Settings(
            peer: PeerID("10.0.0.1:5432:12345"),
            dataDirectory: "/srv/manatee/data/",
            listenAddress: "10.0.0.1",
            port: 5432,
            socketDirectory: "/srv/manatee/socket",
            secrets: Secrets.generate(),
            clientAccess: [try ClientAccess(users: ["web"], address: "10.1.0.0/16")]
        )
    }

    @Test func `an open gate admits applications, and Manatee's roles only where they belong`()
        throws
    {
        var rules = AccessRules(
            gateOpen: true,
            replicationNetworks: ["10.0.0.2"],
            clients: [
                try ClientAccess(databases: ["shop"], users: ["web"], address: "10.1.0.0/16")
            ],
            superusers: ["postgres", "root"]
        )
        let open = """
            # Written by Manatee; changes are lost.
            local all postgres peer map=manatee
            local replication postgres peer map=manatee
            host replication manatee_replication 10.0.0.2/32 scram-sha-256
            host postgres manatee_replication 10.0.0.2/32 scram-sha-256
            host postgres manatee_monitor 10.0.0.2/32 scram-sha-256
            local all all reject
            host all postgres,manatee_replication,manatee_monitor all reject
            host replication all all reject
            host "shop" "web" 10.1.0.0/16 scram-sha-256
            host all all all reject

            """
        #expect(rules.hostBasedAccess == open)
        #expect(!rules.hostBasedAccess.contains("trust"))
        rules.gateOpen = false
        #expect(!rules.hostBasedAccess.contains("web"))
        #expect(rules.hostBasedAccess.hasSuffix("host all all all reject\n"))
        #expect(rules.identities.contains("manatee \"root\" postgres"))
    }

    @Test(arguments: ["10.0.0.1", "::1", "10.0.0.0/8", "fe80::/10", "db.example", "samenet", "all"])
    func `an address is accepted`(text: String) {
        #expect(AccessRules.address(text) != nil)
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "a b", "x\nhost all all all trust", "db.example/8", "1/2/3",
    ])
    func `what is no address is refused`(text: String) {
        #expect(AccessRules.address(text) == nil)
        #expect(throws: PostgresFailure.self) { try ClientAccess(address: text) }
    }

    @Test(arguments: ["", "a\"b", "a\nb", "replication"])
    func `what is no name is refused`(name: String) {
        #expect(throws: PostgresFailure.self) { try ClientAccess(users: [name], address: "::1") }
    }

    @Test func `our parameters are quoted, and refuse those that Manatee owns`() throws {
        var settings = try settings()
        settings.parameters = ["work_mem": "4MB", "My.Setting": "it's \\ here"]
        try settings.check()
        let parameters = ServerParameters(settings)
        #expect(parameters.text.contains("\nwork_mem = '4MB'\n"))
        #expect(parameters.text.contains("\nmy.setting = 'it''s \\\\ here'\n"))
        #expect(parameters.text.contains("\nsynchronous_standby_names = '\"manatee_fence\"'\n"))
        for name in ["synchronous_standby_names", "FSYNC", "include", "bad name", "x='1'\nfsync"] {
            settings.parameters = [name: "off"]
            #expect(throws: PostgresFailure.self) { try settings.check() }
        }
        settings.parameters = ["synchronous_commit": "remote_apply"]
        try settings.check()
        #expect(
            ServerParameters(settings).text.contains("\nsynchronous_commit = 'remote_apply'\n")
        )
        settings.parameters = ["synchronous_commit": "local"]
        #expect(throws: PostgresFailure.self) { try settings.check() }
    }

    @Test func `every value that Manatee sets is owned, but the bound on slots`() throws {
        let names = Set(ServerParameters(try settings()).fixed.keys)
        #expect(names.subtracting(ParameterRule.ownedNames) == ["max_slot_wal_keep_size"])
    }

    @Test func `our file is included last, once`() {
        let once = ServerParameters.including(
            "a = 1\ninclude_if_exists = 'manatee.conf'\nb = 2\n\n"
        )
        #expect(once == "a = 1\nb = 2\ninclude_if_exists = 'manatee.conf'\n")
        #expect(ServerParameters.including(once) == once)
    }

    @Test func `owned parameters are taken out of postgresql_auto_conf`() {
        let text = "# x\nFsync = 'off'\nwork_mem = '1MB'\nsynchronous_standby_names=''\n"
        let result = ServerParameters.disowning(text)
        #expect(result.text == "# x\nwork_mem = '1MB'\n")
        #expect(result.removed == ["fsync", "synchronous_standby_names"])
    }

    @Test func `a passfile escapes what would end a field`() {
        #expect(Passfile.escape("a:b\\c") == "a\\:b\\\\c")
    }

    @Test func `a connection string quotes its values`() {
        #expect(ConnectionString.text([("host", "a'b\\c d")]) == "host='a\\'b\\\\c d'")
    }

    @Test func `secrets are saved privately, and read back only if they still are private`() throws
    {
        let path = "/tmp/manatee-secrets-\(UUID().uuidString)"
        defer { unlink(path) }
        let secrets = Secrets.generate()
        try secrets.save(to: path)
        #expect(try Secrets.load(from: path).passfile == secrets.passfile)
        #expect(throws: PostgresFailure.self) { try secrets.save(to: path) }
        chmod(path, 0o640)
        #expect(throws: PostgresFailure.self) { try Secrets.load(from: path) }
        #expect(Secrets(parsing: "postgres:short\n") == nil)
    }

    @Test func `settings that cannot work are refused`() throws {
        let good = try settings()
        #expect(good.dataDirectory == "/srv/manatee/data")
        #expect(good.setAsideDirectory == "/srv/manatee/data.isolated")
        var bad = good
        bad.socketDirectory = "/" + String(repeating: "x", count: 100)
        #expect(throws: PostgresFailure.self) { try bad.check() }
        bad = good
        bad.port = 0
        #expect(throws: PostgresFailure.self) { try bad.check() }
        bad = good
        bad.dataDirectory = "relative"
        #expect(throws: PostgresFailure.self) { try bad.check() }
        bad = good
        bad.peer = PeerID(String(repeating: "x", count: 64))
        #expect(throws: PostgresFailure.self) { try bad.check() }
    }
}
