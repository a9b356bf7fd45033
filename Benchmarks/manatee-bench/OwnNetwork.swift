import Foundation
import Glibc
import ManateeBench

/// The network namespace that the laboratory is made in.
enum OwnNetwork {
    private static let mark = "MANATEE_BENCH_NETWORK"

    /// Starts this program anew in a network namespace of its own, unless it is in one.
    ///
    /// - Throws: ``BenchFailure`` if it cannot; it needs root.
    static func enter() throws {
        guard ProcessInfo.processInfo.environment[mark] == nil else { return }
        guard geteuid() == 0 else {
            throw BenchFailure("manatee-bench makes network namespaces: run it as root")
        }
        setenv(mark, "own", 1)
        let arguments = ["unshare", "--net", "--", "/proc/self/exe"]
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let command = arguments.dropLast() + [own] + CommandLine.arguments.dropFirst()
        let pointers = command.map { strdup($0) } + [nil]
        execv("/usr/bin/unshare", pointers)
        throw BenchFailure("cannot start unshare: \(String(cString: strerror(errno)))")
    }
}
