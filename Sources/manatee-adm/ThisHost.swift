import Foundation
import Glibc
import ManateeConfiguration
import ManateeCore
import ManateePorts

/// The host on which the tool runs.
struct ThisHost: HostExamination {
    let environment: [String: String]

    func examine(_ path: String) async -> HostReport {
        let file: SitterSettingsFile
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            file = try SitterSettingsFile(
                text: text,
                file: path,
                host: ProcessInfo.processInfo.hostName,
                environment: environment
            )
        } catch {
            let remedy = "correct it; `manatee-sitter -f \(path) --check` tells the same"
            let finding = HostFinding("configuration", .bad, seen: "\(error)", remedy: remedy)
            return HostReport(findings: [finding], plan: nil)
        }
        let settings = file.settings
        let check = HostCheck(file, file: path, host: LocalHost())
        let good = HostFinding("configuration", .good, seen: "\(path) is valid")
        let findings =
            [good] + file.warnings.map { finding("configuration", .doubtful, $0) }
            + orGood("users, programs and files", check.problems)
            + ports(check.takenPorts, settings)
            + [space(settings.postgres.dataDirectory), rights(settings), descriptors]
        return HostReport(findings: findings, plan: plan(settings))
    }

    private func plan(_ settings: SitterSettings) -> HostReport.Plan {
        let shard = settings.shardPath.split(separator: "/").last.map(String.init) ?? ""
        return HostReport.Plan(
            servers: settings.zooKeeper.servers,
            shard: shard,
            peer: settings.peer.id,
            statusPortOffset: settings.statusPortOffset,
            architecture: Self.architecture,
            majorVersion: majorVersion(settings)
        )
    }

    private func orGood(_ subject: String, _ problems: [ConfigurationProblem]) -> [HostFinding] {
        problems.isEmpty
            ? [HostFinding(subject, .good, seen: "as the configuration needs them")]
            : problems.map { finding(subject, .bad, $0) }
    }

    /// Whether the ports are free, or the peer's own because it runs already.
    private func ports(
        _ taken: [ConfigurationProblem],
        _ settings: SitterSettings
    ) -> [HostFinding] {
        let host = LocalHost()
        let file = settings.postgres.dataDirectory + "/postmaster.pid"
        let isRunning = host.firstLine(of: file).flatMap { Int32($0) }.map(host.isRunning) ?? false
        guard isRunning, let first = taken.first else { return orGood("ports", taken) }
        return [
            HostFinding(
                "ports",
                .doubtful,
                seen: "\(first.found); this peer's own postgres runs",
                remedy: "as it should be if its sitter runs, too; otherwise: \(first.remedy)"
            )
        ]
    }

    private func finding(
        _ subject: String,
        _ verdict: HostFinding.Verdict,
        _ problem: ConfigurationProblem
    ) -> HostFinding {
        let key = problem.key.map { "\($0): " } ?? ""
        return HostFinding(
            subject,
            verdict,
            seen: "\(key)\(problem.found); expected \(problem.expected)",
            remedy: problem.remedy
        )
    }

    /// The directory that exists and is `path` or above it.
    private func existing(_ path: String) -> String {
        var url = URL(filePath: path)
        while url.path != "/", !FileManager.default.fileExists(atPath: url.path) {
            url.deleteLastPathComponent()
        }
        return url.path
    }

    private func space(_ dataDirectory: String) -> HostFinding {
        let place = existing(dataDirectory)
        var facts = statvfs()
        guard statvfs(place, &facts) == 0 else {
            return HostFinding("disk", .bad, seen: "\(place): \(String(cString: strerror(errno)))")
        }
        let size = UInt64(facts.f_blocks) * UInt64(facts.f_frsize)
        let free = UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
        let isTight = free < size / 10
        return HostFinding(
            "disk",
            isTight ? .doubtful : .good,
            seen: "\(free >> 20) MiB of \(size >> 20) MiB are free in \(place)",
            remedy: isTight ? "make room: the database must fit, and set-aside data beside it" : nil
        )
    }

    private func rights(_ settings: SitterSettings) -> HostFinding {
        let directory = settings.postgres.dataDirectory
        let place = existing(directory)
        let subject = "data directory"
        if place != URL(filePath: directory).path {
            let canCreate = access(place, W_OK) == 0
            return HostFinding(
                subject,
                canCreate ? .good : .bad,
                seen: "\(directory) is not there; it will be created in \(place)",
                remedy: canCreate ? nil : "make \(place) writable for \(LocalHost().userName)"
            )
        }
        let mode = LocalHost().file(at: directory)?.mode ?? 0
        let isOpen = mode & 0o027 != 0
        let octal = String(mode & 0o777, radix: 8)
        return HostFinding(
            subject,
            isOpen || access(directory, W_OK) != 0 ? .bad : .good,
            seen: "\(directory) has mode 0\(octal)",
            remedy: isOpen
                ? "run `chmod 700 \(directory)`: postgres refuses one that is open to others" : nil
        )
    }

    private var descriptors: HostFinding {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return HostFinding("open files", .skipped, seen: "the limit cannot be read")
        }
        let isLow = limit.rlim_cur < 1024
        return HostFinding(
            "open files",
            isLow ? .doubtful : .good,
            seen: "at most \(limit.rlim_cur)",
            remedy: isLow ? "raise it (`ulimit -n`, LimitNOFILE in a unit) to 1024 or more" : nil
        )
    }

    private static var architecture: String {
        var facts = utsname()
        guard uname(&facts) == 0 else { return "unknown" }
        return withUnsafeBytes(of: &facts.machine) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private func majorVersion(_ settings: SitterSettings) -> Int? {
        if let held = LocalHost().firstLine(of: settings.postgres.dataDirectory + "/PG_VERSION") {
            return Int(held)
        }
        if let directory = settings.postgres.binDirectory {
            return directory.split(separator: "/").compactMap { Int($0) }.last
        }
        return LocalHost().names(in: "/usr/lib/postgresql").compactMap { Int($0) }.max()
    }

    func hasLocale(_ name: String) -> Bool {
        let mask = Int32(1) << LC_CTYPE | Int32(1) << LC_COLLATE
        guard let locale = newlocale(mask, name, nil) else { return false }
        freelocale(locale)
        return true
    }
}
