import Foundation
import FoundationNetworking
import ManateeCore
import ManateeLocal
import ManateePostgres
import Testing

@Suite(
    "HAProxy with a configuration made for Patroni",
    .serialized,
    .enabled(if: Balancer.program != nil, "haproxy is not installed (Debian: haproxy)"),
    .timeLimit(.minutes(5))
)
struct BalancerTests {
    @Test(arguments: Balancer.Check.allCases)
    func `routes writes to the primary through a failover and a promotion`(
        check: Balancer.Check
    ) async throws {
        try await RunningShard.with { running in
            let shard = running.shard
            try await Balancer.with(running, check: check) { balancer in
                let first = try await running.primary()
                #expect(try await balancer.peerThatWrites() == first)
                try await balancer.settle(without: first)
                #expect(try await balancer.peersThatRead().contains(first) == false)

                await shard.kill(first)
                try await shard.waitUntil("the sync as primary", within: .seconds(30)) {
                    $0.state?.generation == Generation(2) && $0.isWritable
                }
                let second = try await running.primary()
                #expect(second != first)
                #expect(try await balancer.peerThatWrites() == second)

                try await shard.start(first)
                try await shard.waitUntilHealthy(within: .seconds(60))
                let heir = try await running.sync()
                let sync = try #require(try await shard.status().state?.sync)
                let promoted = try await running.run(
                    "manatee-adm",
                    "promote",
                    "-y",
                    "-r",
                    "sync",
                    "-n",
                    sync.zoneID
                )
                #expect(promoted.status == 0, "\(promoted.output)")
                try await shard.waitUntil("writes after the promotion", within: .seconds(30)) {
                    $0.state?.primary == sync && $0.isWritable
                }
                #expect(try await balancer.peerThatWrites() == heir)
            }
        }
    }
}

/// HAProxy in front of a local shard.
struct Balancer: Sendable {
    static let program = ["/usr/sbin/haproxy", "/usr/local/sbin/haproxy"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// The two forms of the check that Patroni's documentation and its users have.
    enum Check: String, CaseIterable, Sendable {
        case options = "OPTIONS"
        case get = "GET"
    }

    let running: RunningShard
    let writes: Int
    let reads: Int

    static func with(
        _ running: RunningShard,
        check: Check,
        _ body: (Balancer) async throws -> Void
    ) async throws {
        let ports = try FreePorts.take(2)
        let balancer = Balancer(running: running, writes: ports[0], reads: ports[1])
        let file = running.directory.path + "/haproxy.cfg"
        try balancer.configuration(check).write(toFile: file, atomically: true, encoding: .utf8)
        let process = try await ChildProcess.start(
            ChildProcess.Launch(
                program: try #require(program),
                arguments: ["-db", "-f", file],
                logFile: running.directory.path + "/haproxy.log"
            )
        )
        do {
            try await body(balancer)
        } catch {
            process.send(SIGKILL)
            _ = await process.waitForExit()
            throw error
        }
        process.send(SIGKILL)
        _ = await process.waitForExit()
    }

    /// What Patroni's template has, with these ports.
    private func configuration(_ check: Check) -> String {
        let peers = running.shard.settings.ports.peers.enumerated()
        let servers = peers.map { index, peer in
            "    server postgresql\(index + 1) 127.0.0.1:\(peer.postgres) "
                + "maxconn 100 check port \(peer.status)\n"
        }.joined()
        return """
            global
                maxconn 100

            defaults
                log global
                mode tcp
                retries 2
                timeout client 30m
                timeout connect 4s
                timeout server 30m
                timeout check 5s

            listen writes
                bind 127.0.0.1:\(writes)
                option httpchk \(check.rawValue) /primary
                http-check expect status 200
                default-server inter 1s fall 3 rise 2 on-marked-down shutdown-sessions
            \(servers)
            listen reads
                bind 127.0.0.1:\(reads)
                option httpchk \(check.rawValue) /replica?lag=16MB
                http-check expect status 200
                default-server inter 1s fall 3 rise 2 on-marked-down shutdown-sessions
            \(servers)
            """
    }

    /// Writes through the balancer, and tells where that was.
    func peerThatWrites() async throws -> Int {
        try await Waiting.until("a write through HAProxy", within: .seconds(30)) {
            do {
                let row = try await ask(
                    writes,
                    "insert into balanced default values returning inet_server_port()",
                    before: "create table if not exists balanced (id bigserial)"
                )
                return .there(try number(row))
            } catch {
                return .notYet("\(error)")
            }
        }
    }

    /// Waits until the balancer has asked the primary whether it is a replica: before, it sends reads there, too.
    func settle(without primary: Int) async throws {
        try await Waiting.until("reads through HAProxy from both standbys", within: .seconds(30)) {
            do {
                let peers = try await peersThatRead()
                return peers.count == 2 && !peers.contains(primary)
                    ? .there(()) : .notYet("\(peers)")
            } catch {
                return .notYet("\(error)")
            }
        }
    }

    /// Reads through the balancer some times, and tells where that was.
    func peersThatRead() async throws -> Set<Int> {
        var peers: Set<Int> = []
        for _ in 0..<4 {
            peers.insert(try number(try await ask(reads, "select inet_server_port()")))
        }
        return peers
    }

    private func ask(
        _ port: Int,
        _ statement: String,
        before preparation: String? = nil
    ) async throws -> String? {
        let session = try await PostgresConnection.open(
            ConnectionTarget(
                host: "127.0.0.1",
                port: port,
                user: "app",
                database: "app",
                credential: .passfile(running.directory.passfile),
                applicationName: "through-haproxy"
            ),
            within: .seconds(5)
        )
        do {
            if let preparation { _ = try await session.query(preparation, within: .seconds(5)) }
            let rows = try await session.query(statement, within: .seconds(5))
            await session.close()
            return rows.first?.first ?? nil
        } catch {
            await session.close()
            throw error
        }
    }

    private func number(_ port: String?) throws -> Int {
        let peers = running.shard.settings.ports.peers
        let index = peers.firstIndex { String($0.postgres) == port }
        return try #require(index) + 1
    }
}
