import HTTPTypes
import HummingbirdTesting
import ManateeCore
import ManateePorts
import NIOCore
import Testing

@testable import ManateeHTTP

@Suite("The health paths")
struct HealthPathTests {
    private static let paths = HealthQuestion.allCases.flatMap(\.paths)

    /// The paths that answer 200 for `status`, by GET, HEAD and OPTIONS alike.
    private func up(_ status: ScriptedStatus, _ query: String = "") async throws -> Set<String> {
        var up: Set<String> = []
        for path in Self.paths {
            let codes = try await [HTTPRequest.Method.get, .head, .options].asyncMap { method in
                let response = try await Asking(status: status).ask(path + query, method)
                if method != .get { #expect(response.body.readableBytes == 0) }
                return response.status.code
            }
            #expect(Set(codes).count == 1, "\(path): \(codes)")
            #expect([200, 503].contains(codes[0]), "\(path)")
            if codes[0] == 200 { up.insert(path) }
        }
        return up
    }

    private static let primary: Set<String> = [
        "/primary", "/master", "/read-write", "/leader", "/read-only", "/read-only-sync",
        "/read-only-synchronous", "/read-only-quorum", "/health", "/liveness", "/readiness",
    ]
    private static let standby: Set<String> = [
        "/replica", "/read-only", "/health", "/liveness", "/readiness",
    ]
    private static let sync = standby.union([
        "/sync", "/synchronous", "/read-only-sync", "/read-only-synchronous",
    ])
    private static let async = standby.union(["/async", "/asynchronous"])

    @Test func `send writes to a primary that acknowledges`() async throws {
        #expect(try await up(.working) == Self.primary)
    }

    @Test func `send reads to standbys by their place`() async throws {
        #expect(try await up(.standby(.sync)) == Self.sync)
        #expect(try await up(.standby(.async)) == Self.async)
    }

    @Test(arguments: [PeerRole.deposed, .unassigned, .unknown])
    func `send nothing to peers without a place`(role: PeerRole) async throws {
        #expect(try await up(.standby(role)) == ["/health", "/liveness"])
    }

    @Test func `send no writes to a primary before its gate is open`() async throws {
        var status = ScriptedStatus.working
        status.postgres.gateOpen = false
        #expect(try await up(status) == ["/health", "/liveness"])
        status = .working
        status.view.writesOpen = Generation(6)
        #expect(try await up(status) == ["/health", "/liveness"])
    }

    @Test func `send nothing where postgres is not well, or not known to be`() async throws {
        for healthy in [false, nil] {
            var status = ScriptedStatus.working
            status.postgres.healthy = healthy
            #expect(try await up(status) == ["/liveness"])
        }
        var status = ScriptedStatus.standby(.sync)
        status.postgres.running = false
        #expect(try await up(status) == ["/liveness"])
    }

    @Test func `keep a primary without the store only while its sync streams`() async throws {
        var status = ScriptedStatus.working
        status.view.storeConnected = false
        #expect(try await up(status) == Self.primary)
        status.postgres.replication?.downstreams = []
        #expect(try await up(status) == ["/health", "/liveness"])
        status.view.state?.state.sync = nil
        status.view.state?.state.oneNodeWriteMode = true
        #expect(try await up(status) == Self.primary)
    }

    @Test func `take standbys out that are too far behind`() async throws {
        let behind = ScriptedStatus.standby(.async, lag: 3 << 20)
        #expect(try await up(behind) == Self.async.subtracting(["/readiness"]))
        #expect(try await up(behind, "?lag=3MB") == Self.async)
        #expect(try await up(behind, "?lag=3145727") == ["/health", "/liveness"])
        #expect(try await up(behind, "?lag=2.5MB") == ["/health", "/liveness"])
        // It has received everything.
        #expect(try await up(behind, "?lag=0&mode=write") == Self.async)
    }

    @Test func `count an unknown distance as too far where one is asked for`() async throws {
        let alone = ScriptedStatus.standby(.async, streaming: false)
        #expect(try await up(alone) == Self.async.subtracting(["/readiness"]))
        #expect(try await up(alone, "?lag=1TB") == ["/health", "/liveness"])
        #expect(try await up(alone, "?replication_state=streaming") == ["/health", "/liveness"])
    }

    @Test func `have no tags, so that a demand for one is not met`() async throws {
        #expect(try await up(.standby(.async), "?tag_zone=a") == ["/liveness", "/readiness"])
        #expect(
            try await up(.working, "?tag_zone=a")
                == ["/primary", "/master", "/read-write", "/leader", "/liveness", "/readiness"]
        )
    }

    @Test(arguments: ["?lag=", "?lag=ten", "?lag=-1", "?lag=5XB", "?lag=1e99TB", "?mode=both"])
    func `are 400 with words for demands that cannot be understood`(query: String) async throws {
        let response = try await Asking().ask("/replica" + query)
        #expect(response.status.code == 400)
        let body = try JSON.object(response)
        #expect(body["code"] as? String == "BadRequestError")
        #expect((body["message"] as? String)?.contains("expected") == true)
    }

    @Test func `ignore what they do not know in a query, as Patroni does`() async throws {
        #expect(try await Asking().ask("/primary?x=%00&lag=10MB").status == .ok)
    }

    @Test func `answer for the root what HAProxy asks by itself`() async throws {
        #expect(try await Asking().ask("/", .options).status.code == 200)
        #expect(try await Asking(status: .standby(.sync)).ask("/", .options).status.code == 503)
        // The original's answer to others stays.
        let response = try await Asking(status: .standby(.sync)).ask("/")
        #expect(response.status.code == 200)
    }

    @Test func `describe the peer as Patroni does`() async throws {
        let body = try await Asking().object("/primary")
        #expect(body["state"] as? String == "running")
        #expect(body["role"] as? String == "primary")
        #expect(body["server_version"] as? Int == 150006)
        #expect(body["timeline"] as? Int == 3)
        #expect(body["postmaster_start_time"] as? String == "2023-11-14T21:56:40.000Z")
        #expect((body["xlog"] as? [String: Any])?["location"] as? Int == 0x1_0000_0000)
        let about = try #require(body["patroni"] as? [String: String])
        #expect(about == ["version": "2.0.0", "scope": "1.moray", "name": "zone7"])
        let standby = try await Asking(status: .standby(.sync, lag: 16)).object("/patroni")
        #expect(standby["role"] as? String == "replica")
        #expect(standby["sync_standby"] as? Bool == true)
        #expect(standby["replication_state"] as? String == "streaming")
        let log = try #require(standby["xlog"] as? [String: Any])
        #expect(log["received_location"] as? Int == 0x2_0000_0000)
        #expect(log["replayed_location"] as? Int == 0x2_0000_0000 - 16)
    }

    @Test func `read sizes as PostgreSQL writes them`() {
        #expect(HealthLimits.bytes("0") == 0)
        #expect(HealthLimits.bytes("17") == 17)
        #expect(HealthLimits.bytes("17B") == 17)
        #expect(HealthLimits.bytes("64kB") == 65536)
        #expect(HealthLimits.bytes("10MB") == 10 << 20)
        #expect(HealthLimits.bytes("1.5 GB") == 3 << 29)
        #expect(HealthLimits.bytes("2TB") == 2 << 40)
        for text in ["", "MB", "10mb", "1..2", "0x10", "nan", "inf", "99999999999TB"] {
            #expect(HealthLimits.bytes(text) == nil, "\(text)")
        }
    }
}

extension Array {
    fileprivate func asyncMap<Result>(
        _ transform: (Element) async throws -> Result
    ) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
