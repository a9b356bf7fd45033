import ManateeCore
import ManateePorts

/// A host that is to join the example shard as a fourth peer.
struct FakeHost: HostExamination, PostgresInspection {
    var findings = [
        HostFinding("configuration", .good, seen: "/etc/manatee/sitter.yaml is valid"),
        HostFinding("ports", .good, seen: "5432 and 5433 are free"),
    ]
    var plan: HostReport.Plan? = HostReport.Plan(
        servers: "127.0.0.1:2181",
        shard: "1.moray.example",
        peer: PeerID("10.0.0.4:5432:12345"),
        architecture: "x86_64",
        majorVersion: 15
    )
    var unreachable: String?
    var knowsLocale = true
    var character: PostgresCharacter? = PostgresCharacter(
        clockMilliseconds: Example.now + 20,
        majorVersion: 15,
        description: "PostgreSQL 15.14 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit",
        collation: "de_DE.UTF-8",
        synchronousCommit: "on"
    )

    /// The example called `name`; nil if there is none.
    static func named(_ name: String) -> FakeHost? {
        var host = FakeHost()
        switch name {
        case "healthy":
            break
        case "strange":
            host.findings[1] = HostFinding(
                "ports",
                .bad,
                seen: "port 5432 of 10.0.0.4, where nobody can listen: Address already in use",
                remedy: "find who listens (`ss -ltnp 'sport = :5432'`) and stop it"
            )
            host.plan?.architecture = "aarch64"
            host.plan?.majorVersion = 16
            host.knowsLocale = false
            host.character?.clockMilliseconds = Example.now + 4200
            host.character?.synchronousCommit = "local"
        case "lonely":
            host.unreachable = "connection refused"
            host.character = nil
        case "misconfigured":
            host.findings = [
                HostFinding(
                    "configuration",
                    .bad,
                    seen: "/etc/manatee/sitter.yaml:3: unknown key shards",
                    remedy: "write shardPath"
                )
            ]
            host.plan = nil
        default:
            return nil
        }
        return host
    }

    func examine(_ path: String) async -> HostReport { HostReport(findings: findings, plan: plan) }

    func whyUnreachable(_ host: String, port: Int, within limit: Duration) async -> String? {
        unreachable
    }

    func hasLocale(_ name: String) -> Bool { knowsLocale }

    func inspect(_ peer: Peer, within limit: Duration) async -> PostgresCharacter? { character }
}
