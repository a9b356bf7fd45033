import ArgumentParser
import ManateeCore
import ManateePorts
import ManateeWire

/// `doctor`: whether this host can join a shard, check by check, and what to do.
struct DoctorCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check this host before it joins a cluster.",
        usage: "manatee-adm doctor -c CONFIG [OPTIONS]"
    )

    @Option(
        name: [.customShort("c"), .long],
        help: ArgumentHelp(
            "The configuration of the sitter that is to run here. [$MANATEE_SITTER_CONFIG]",
            valueName: "CONFIG"
        )
    )
    var config: String?

    @OptionGroup var postgres: ProbeOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        guard let path = session.value(of: config, orEnvironment: "MANATEE_SITTER_CONFIG") else {
            throw AdmFailure.usage("option is required: --config")
        }
        let limit = try postgres.limit()
        let isJSON = try output.isJSON()
        let host = try session.ports.host()
        let report = await host.examine(path)
        var findings = report.findings
        if let plan = report.plan {
            let target = ShardTarget(
                store: StoreTarget(servers: plan.servers, configurationPath: path),
                shard: plan.shard
            )
            findings += try await ShardCheckup(
                session: session,
                target: target,
                plan: plan,
                limit: limit,
                host: host
            ).findings()
        } else {
            findings.append(
                HostFinding("shard", .skipped, seen: "needs a configuration that can be used")
            )
        }
        try session.write(
            isJSON
                ? DoctorReport(findings).json
                : DoctorReport(findings).text(session.paint(for: .standardOutput))
        )
        return findings.contains { $0.verdict == .bad } ? .failure : .success
    }
}

/// Findings as people and as programs read them.
struct DoctorReport: Equatable, Sendable {
    private let findings: [HostFinding]

    init(_ findings: [HostFinding]) {
        self.findings = findings
    }

    /// One line per check, with what to do below it, and a last line that counts.
    func text(_ paint: Paint) -> String {
        let width = findings.map(\.subject.count).max() ?? 0
        let lines = findings.map { finding in
            let padding = String(repeating: " ", count: width - finding.subject.count)
            let line =
                "\(mark(finding.verdict, paint)) \(finding.subject)\(padding)  \(finding.seen)\n"
            let indent = String(repeating: " ", count: width + 9)
            return line + (finding.remedy.map { "\(indent)-> \($0)\n" } ?? "")
        }
        let bad = findings.count { $0.verdict == .bad }
        let doubtful = findings.count { $0.verdict == .doubtful }
        let skipped = findings.count { $0.verdict == .skipped }
        return lines.joined()
            + "\n\(findings.count) checks: \(bad) failed, \(doubtful) doubtful, \(skipped) skipped\n"
    }

    /// One line of JSON.
    var json: String {
        let checks = findings.map { finding in
            JSONValue.object([
                "check": .string(finding.subject), "result": .string(finding.verdict.rawValue),
                "seen": .string(finding.seen),
                "remedy": finding.remedy.map { .string($0) } ?? .null,
            ])
        }
        let isReady = !findings.contains { $0.verdict == .bad }
        let report = JSONValue.object(["ready": .boolean(isReady), "checks": .array(checks)])
        return JSONText.text(report) + "\n"
    }

    private func mark(_ verdict: HostFinding.Verdict, _ paint: Paint) -> String {
        switch verdict {
        case .good: paint("ok  ", .good)
        case .doubtful: paint("look", .doubtful)
        case .bad: paint("FAIL", .bad)
        case .skipped: "skip"
        }
    }
}
