import Foundation
import ManateeLocal
import Testing

extension ShardsWithDisks {
    /// The short form of `make chaos-restore`.
    @Suite("Disturbed restores", .serialized, .timeLimit(.minutes(10)))
    struct RestoreChaosTests {
        /// What this machine has.
        static let storages = DevStorage.allCases.filter { storage in
            geteuid() == 0 && storage != .directory
                && storage.programs.paths.allSatisfy(FileManager.default.isExecutableFile)
        }

        @Test(
            .enabled(if: !storages.isEmpty, "needs root, and btrfs-progs or ZFS"),
            arguments: storages
        )
        func `end with a peer that streams, and leave nothing`(storage: DevStorage) async throws {
            let directory = FileManager.default.temporaryDirectory.path
            let result = try await RunningShard.run(
                "manatee-dev",
                [
                    "chaos-restore", "--storage", storage.rawValue, "--rounds", "1",
                    "--megabytes", "50", "--rate-limit", "30MB",
                ],
                in: directory
            )
            #expect(result.status == 0, "\(result.output)")
            #expect(result.output.contains(#""rounds":1"#))
            #expect(result.output.contains(#""succeeded":true"#))
        }
    }
}
