import ManateeCore
import ManateePorts

/// The checks of what a host that is to join sees of its shard.
struct ShardCheckup: Sendable {
    /// How far two clocks may be apart: requests to promote expire by the clock on the wall.
    private static let clockTolerance: Int64 = 1000
    /// How long the store may take to answer: sessions have seconds.
    private static let storeTolerance: Int64 = 200

    let session: AdmSession
    let target: ShardTarget
    let plan: HostReport.Plan
    let limit: Duration
    let host: any HostExamination

    /// All findings, the store's first.
    func findings() async throws -> [HostFinding] {
        let details: ClusterDetails?
        var findings: [HostFinding] = []
        do {
            details = try await loadTimed(&findings)
        } catch let failure as AdmFailure {
            let remedy = "check zookeeper.servers, the network and the credentials"
            return findings
                + [HostFinding("zookeeper", .bad, seen: failure.message, remedy: remedy)]
        }
        guard let details else {
            let seen = "has no cluster state yet: the first two peers will set it up"
            return findings + [HostFinding("shard", .good, seen: "\(target.shard) \(seen)")]
        }
        findings.append(membership(details))
        for member in details.members where member.peer.id != plan.peer {
            findings += await reach(member)
        }
        return findings + (await compare(with: details.state.primary))
    }

    private func loadTimed(_ findings: inout [HostFinding]) async throws -> ClusterDetails? {
        let loader = ClusterLoader(session: session, target: target)
        let ports = session.ports
        let (details, took) = try await session.withShard(target) { shard in
            let began = ports.now()
            let isThere = try await shard.readState() != nil
            let took = ports.now() - began
            return (isThere ? try await loader.read(shard) : nil, took)
        }
        let isSlow = took > Self.storeTolerance
        findings.append(
            HostFinding(
                "zookeeper",
                isSlow ? .doubtful : .good,
                seen: "\(target.servers) answers within \(took) ms",
                remedy: isSlow ? "look at the network and the disks of the ZooKeeper servers" : nil
            )
        )
        return details
    }

    private func membership(_ details: ClusterDetails) -> HostFinding {
        let role = details.state.role(of: plan.peer)
        let seen = "generation \(details.state.generation) of \(target.shard)"
        switch role {
        case .unassigned, .unknown:
            return HostFinding("shard", .good, seen: "\(seen); this peer is not in it yet")
        case .primary, .sync, .async, .deposed:
            return HostFinding("shard", .good, seen: "\(seen); this peer is \(role.rawValue)")
        }
    }

    /// Whether the ports of another peer's postgres and sitter can be reached from here.
    private func reach(_ member: ClusterMember) async -> [HostFinding] {
        let endpoint = PeerEndpoint(member.peer)
        var findings: [HostFinding] = []
        // Nobody publishes status ports: the others are taken to be configured as this peer is.
        let status = endpoint.port + plan.statusPortOffset
        for (what, port) in [("postgres", endpoint.port), ("sitter", status)] {
            let why = await host.whyUnreachable(endpoint.host, port: port, within: limit)
            let subject = "\(what) of \(member.peer.label)"
            let address = "\(endpoint.host):\(port)"
            guard let why else {
                findings.append(HostFinding(subject, .good, seen: "\(address) can be reached"))
                continue
            }
            let isNeeded = member.role == .primary && what == "postgres"
            findings.append(
                HostFinding(
                    subject,
                    isNeeded ? .bad : .doubtful,
                    seen: "\(address): \(why)",
                    remedy: "see that it runs, and that no firewall is between"
                )
            )
        }
        return findings
    }

    /// What must be the same here as on the primary.
    private func compare(with primary: Peer) async -> [HostFinding] {
        guard primary.id != plan.peer else { return [] }
        let before = session.ports.now()
        guard let path = target.configurationPath,
            // Why the password cannot be read is among the checks of the configuration.
            let inspection = try? session.ports.inspection(path),
            let character = await inspection.inspect(primary, within: limit)
        else {
            return [
                HostFinding(
                    "primary",
                    .skipped,
                    seen: "postgres of \(primary.label) does not tell version, locale and clock"
                )
            ]
        }
        let middle = (before + session.ports.now()) / 2
        return [
            clock(character, middle), version(character), architecture(character),
            locale(character), synchronousCommit(character),
        ]
    }

    private func clock(_ character: PostgresCharacter, _ now: Int64) -> HostFinding {
        let offset = character.clockMilliseconds - now
        let isFar = abs(offset) > Self.clockTolerance
        return HostFinding(
            "clock",
            isFar ? .doubtful : .good,
            seen: "the primary's is \(abs(offset)) ms \(offset < 0 ? "behind" : "ahead")",
            remedy: isFar ? "let NTP set both clocks (`timedatectl`)" : nil
        )
    }

    private func version(_ character: PostgresCharacter) -> HostFinding {
        let theirs = character.majorVersion
        guard let own = plan.majorVersion else {
            return HostFinding("version", .skipped, seen: "no PostgreSQL was found here")
        }
        return HostFinding(
            "version",
            own == theirs ? .good : .bad,
            seen: "PostgreSQL \(own) here, \(theirs) on the primary",
            remedy: own == theirs
                ? nil : "install postgresql-\(theirs), or set postgres.binDirectory"
        )
    }

    private func architecture(_ character: PostgresCharacter) -> HostFinding {
        let isSame = character.description.contains(" on \(plan.architecture)-")
        return HostFinding(
            "architecture",
            isSame ? .good : .bad,
            seen: "\(plan.architecture) here; the primary is \(character.description)",
            remedy: isSame ? nil : "a copy of the database runs on the same processor only"
        )
    }

    private func locale(_ character: PostgresCharacter) -> HostFinding {
        let isKnown = host.hasLocale(character.collation)
        return HostFinding(
            "locale",
            isKnown ? .good : .bad,
            seen: "the database is ordered by \(character.collation), which this host "
                + (isKnown ? "knows" : "does not know"),
            remedy: isKnown ? nil : "generate it (`locale-gen \(character.collation)`)"
        )
    }

    private func synchronousCommit(_ character: PostgresCharacter) -> HostFinding {
        let isSafe = ["on", "remote_apply"].contains(character.synchronousCommit)
        return HostFinding(
            "synchronous_commit",
            isSafe ? .good : .bad,
            seen: "\(character.synchronousCommit) on the primary",
            remedy: isSafe
                ? nil : "set it to on: a commit is on two disks only then when it is acknowledged"
        )
    }
}
