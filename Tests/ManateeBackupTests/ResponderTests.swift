import Foundation
import ManateeCore
import Testing

@testable import ManateeBackup

@Suite("The backup server's requests", .timeLimit(.minutes(1)))
struct ResponderTests {
    @Test func `without the token only the list and the health are shown`() async throws {
        let source = FakeStorage()
        source.add("1700000000001", bytes(10))
        try await BackupWorld.with(source) { world in
            let token = world.token.authorization
            for authorization in ["", "Bearer", "Bearer x", String(token.dropLast()), token + "0"] {
                for path in ["/jobs", "/backup/x", "/backup/x/stream"] {
                    let answer = try await world.get(path, authorization: authorization)
                    #expect(answer.status == 401)
                    #expect(answer.body["code"] == .string("NotAuthorized"))
                }
                let begin = try await world.post(
                    "/backup",
                    #"{"protocol":1,"fresh":true}"#,
                    authorization: authorization
                )
                #expect(begin.status == 401)
                #expect(!begin.text.contains(token))
            }
            #expect(source.snapshots().count == 1)
            let ping = try await world.get("/ping", authorization: "")
            #expect(ping.status == 200)
            #expect(ping.body["healthy"] == .boolean(true))
            #expect(try await world.get("/", authorization: "").text.contains("POST /backup"))
        }
    }

    @Test func `says that there is no data`() async throws {
        try await BackupWorld.with(FakeStorage()) { world in
            let ping = try await world.get("/ping")
            #expect(ping.status == 503)
            #expect(ping.body["healthy"] == .boolean(false))
        }
    }

    @Test func `an original receiver is told that there is no pushing`() async throws {
        let source = FakeStorage()
        source.add("1700000000001", bytes(10))
        try await BackupWorld.with(source) { world in
            let answer = try await world.post(
                "/backup/",
                #"{"host":"127.0.0.1","port":1,"dataset":"zones/x/data/manatee"}"#
            )
            #expect(answer.status == 409)
            #expect(answer.body["code"] == .string("PushNotPossible"))
            #expect(try await world.get("/ping").status == 200)
        }
    }

    @Test func `what is not there or not possible is told apart`() async throws {
        let source = FakeStorage()
        source.add("1700000000001", bytes(10))
        try await BackupWorld.with(source) { world in
            #expect(try await world.get("/backup/no-such-job").status == 404)
            #expect(try await world.get("/elsewhere").status == 404)
            #expect(try await world.get("/backup").status == 405)
            #expect(try await world.post("/ping", "").status == 405)
            #expect(try await world.post("/backup", "not JSON").status == 409)
            let begun = try await world.post("/backup", #"{"protocol":1}"#)
            let id = try #require(begun.body["jobid"]?.text)
            #expect(begun.body["jobPath"] == .string("/backup/\(id)"))
            #expect(try await world.get("/backup/\(id)/stream?from=x").status == 400)
            #expect(try await world.get("/backup/\(id)/stream?from=99").status == 410)
            #expect(try await world.post("/backup/\(id)/verdict", "{}").status == 409)
            let job = try await world.get("/backup/\(id)")
            #expect(job.status == 200)
            #expect(job.body["done"] == .boolean(false))
            #expect(job.body["size"] == .string("10"))
        }
    }

    @Test func `two servers cannot share a port`() async throws {
        try await BackupWorld.with(FakeStorage()) { world in
            let second = BackupServer(
                of: FakeStorage(),
                settings: BackupServer.Settings(address: "127.0.0.1", port: world.port),
                token: world.token,
                logger: .quiet
            )
            let error = await #expect(throws: BackupServerFailure.self) { try await second.run() }
            #expect(error?.isPortTaken == true)
            #expect(error?.description.contains("ss -ltnp") == true)
        }
    }
}
