/// What each target may import: arrows point down only, and adapters meet shells in programs only.
enum ImportRules {
    enum Allowed {
        /// These modules, and nothing else.
        case only(Set<String>)
        case anything
    }

    /// One row per target of `Sources` and `Benchmarks`; a target without a row is a finding.
    static let sources: [String: Allowed] = [
        // Decisions.
        "ManateeCore": .only([]),
        "ManateeSimulation": .only(["ManateeCore", "ManateeWire"]),
        "ManateeJournal": .only(["ManateeCore"]),
        "ManateePorts": .only(["ManateeCore", "ManateeJournal"]),
        "ManateeWire": .only(["ManateeCore", "ManateeJournal", "FoundationEssentials"]),
        "ManateeConfiguration": .only([
            "ManateeCore", "ManateePorts", "Yams", "FoundationEssentials", "Glibc",
        ]),
        // Adapters: one thing outside each.
        "ZooKeeperClient": .only([
            "Crypto", "FoundationEssentials", "Logging", "NIOConcurrencyHelpers", "NIOCore",
            "NIOPosix", "NIOSSL", "NIOTLS", "Synchronization",
        ]),
        "ManateeStore": .only([
            "Dispatch", "FoundationEssentials", "Glibc", "Logging", "ManateeCore", "ManateeJournal",
            "ManateePorts", "ManateeWire", "NIOSSL", "ServiceLifecycle", "Synchronization",
            "ZooKeeperClient",
        ]),
        "ManateePostgres": .only([
            "CLibPQ", "CLinux", "Dispatch", "Foundation", "FoundationEssentials", "Glibc",
            "Logging", "ManateeCore", "ManateeGuard", "ManateePorts", "ManateeProcesses",
            "Subprocess", "Synchronization", "SystemPackage",
        ]),
        "ManateeProcesses": .only(["CLinux", "Glibc"]),
        // Nothing big: it runs beside every postgres.
        "ManateeGuard": .only(["CLinux", "Glibc"]),
        "ManateeStorage": .only([
            "CLinux", "Dispatch", "FoundationEssentials", "Glibc", "Logging", "ManateeCore",
            "ManateePorts", "ManateeProcesses", "Subprocess", "Synchronization", "SystemPackage",
        ]),
        "ManateeBackup": .only([
            "AsyncHTTPClient", "Crypto", "FoundationEssentials", "Glibc", "HTTPTypes",
            "Hummingbird", "HummingbirdCore", "Logging", "ManateeCore", "ManateePorts",
            "ManateeStorage", "ManateeWire", "NIOCore", "NIOHTTP1", "ServiceLifecycle",
            "Synchronization",
        ]),
        "ManateeHTTP": .only([
            "FoundationEssentials", "Glibc", "HTTPTypes", "Hummingbird", "HummingbirdCore",
            "Logging", "ManateeCore", "ManateeJournal", "ManateePorts", "ManateeWire", "NIOCore",
            "ServiceLifecycle", "Synchronization",
        ]),
        "ManateeHeartbeat": .only([
            "Glibc", "Logging", "ManateeCore", "ManateePorts", "ManateeWire", "NIOCore", "NIOPosix",
            "ServiceLifecycle",
        ]),
        "ManateeHooks": .only([
            "Dispatch", "FoundationEssentials", "ManateeCore", "ManateePorts", "ManateeProcesses",
            "ManateeWire", "Synchronization",
        ]),
        "ManateeLogging": .only(["FoundationEssentials", "Glibc", "Logging", "Synchronization"]),
        "ManateeClient": .only([
            "Logging", "ManateeCore", "ManateeWire", "Synchronization", "ZooKeeperClient",
        ]),
        // Shells: ports only.
        "ManateeSitter": .only([
            "Logging", "ManateeCore", "ManateeJournal", "ManateePorts", "Metrics",
            "ServiceLifecycle", "Synchronization",
        ]),
        "ManateeSnapshots": .only([
            "Logging", "ManateeCore", "ManateePorts", "ServiceLifecycle",
        ]),
        "ManateeAdmin": .only([
            "ArgumentParser", "FoundationEssentials", "ManateeCore", "ManateeJournal",
            "ManateePorts", "ManateeWire", "Synchronization",
        ]),
        "ManateeProxy": .only([
            "Glibc", "Logging", "ManateeCore", "ManateeWire", "NIOCore", "NIOHTTP1", "NIOPosix",
            "ServiceLifecycle", "Synchronization",
        ]),
        // The local shard: a tool for development and a fixture for tests.
        "ManateeLocal": .only([
            "CLinux", "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Logging",
            "ManateeBackup", "ManateeCore", "ManateePostgres", "ManateeProcesses", "ManateeStore",
            "ManateeWire", "Subprocess", "Synchronization", "SystemPackage", "UnixSignals",
            "ZooKeeperClient",
        ]),
        // What is measured, and against whom.
        "ManateeBench": .only([
            "Foundation", "Glibc", "ManateeCore", "ManateeLocal", "ManateePostgres", "Subprocess",
            "Synchronization", "SystemPackage",
        ]),
        // What the programs do alike.
        "ManateeDaemon": .only([
            "ArgumentParser", "Foundation", "Logging", "ManateeConfiguration", "ManateeLogging",
        ]),
        // Programs.
        "manatee-bench": .anything,
        "manatee-guard": .only(["Glibc", "ManateeGuard"]),
        "manatee-adm": .anything,
        "manatee-backupserver": .anything,
        "manatee-dev": .anything,
        "manatee-primary-ip": .anything,
        "manatee-proxy": .anything,
        "manatee-sim": .anything,
        "manatee-sitter": .anything,
        "manatee-snapshotter": .anything,
    ]

    /// The rules of test targets that have any.
    static let tests: [String: Allowed] = [
        "TidyTests": .only(["Foundation", "FoundationEssentials", "Testing"])
    ]

    static func findings(in file: SourceFile) -> [Finding] {
        let rules = file.isSource ? sources : tests
        guard let allowed = rules[file.target] else {
            guard file.isSource else { return [] }
            return [
                Finding(
                    path: file.path,
                    line: 1,
                    problem: "target \(file.target) has no import rule",
                    instead: "add its row to ImportRules.sources"
                )
            ]
        }
        guard case .only(let modules) = allowed else { return [] }
        return file.lines.enumerated().compactMap { index, line in
            guard let module = importedModule(line.code), !modules.contains(module) else {
                return nil
            }
            let instead =
                modules.isEmpty
                ? "nothing: only the standard library is at hand here"
                : "one of \(modules.sorted().joined(separator: ", "))"
            return Finding(
                path: file.path,
                line: index + 1,
                problem: "\(file.target) must not import \(module)",
                instead: instead
            )
        }
    }

    /// The module that a line of code imports, if it does.
    static func importedModule(_ code: String) -> String? {
        let words = code.split { $0 == " " || $0 == "\t" || $0 == ";" }
        let modifiers: Set<Substring> = [
            "public", "package", "internal", "fileprivate", "private",
        ]
        let rest = words.drop { modifiers.contains($0) || $0.hasPrefix("@") }
        guard rest.first == "import" else { return nil }
        let kinds: Set<Substring> = [
            "typealias", "struct", "class", "enum", "protocol", "let", "var", "func",
        ]
        guard let name = rest.dropFirst().first(where: { !kinds.contains($0) }) else { return nil }
        return String(name.prefix { $0 != "." })
    }
}
