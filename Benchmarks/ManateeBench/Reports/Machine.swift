import Foundation
import ManateeLocal

/// The machine that a benchmark runs on.
package enum Machine {
    /// Its processors, memory, systems and load, for a report.
    ///
    /// - Throws: what the file system or PostgreSQL's `pg_config` said.
    package static var description: String {
        get async throws {
            let processor = try value(of: "model name", in: "/proc/cpuinfo")
            let memory = try value(of: "MemTotal", in: "/proc/meminfo").prefix { $0.isNumber }
            let gigabytes = (Int(memory) ?? 0) / 1024 / 1024
            let release = try String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
            let system = try value(of: "PRETTY_NAME", in: "/etc/os-release")
            let postgres = try await Tool.run(
                try PostgresInstallation.newestBinaries() + "/postgres",
                "--version"
            )
            return """
                \(ProcessInfo.processInfo.activeProcessorCount) processors (\(processor)), \(gigabytes) GiB of \
                memory, \(system), Linux \(release.trimmed), \(postgres.trimmed).
                """
        }
    }

    private static func value(of key: String, in file: String) throws -> String {
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        let line = lines.first { $0.hasPrefix(key) } ?? ""
        return line.drop { $0 != ":" && $0 != "=" }.dropFirst()
            .trimmingCharacters(in: CharacterSet(charactersIn: " \t\""))
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
