import Foundation
import ManateeLocal
import Testing

extension ShardsWithDisks {
    /// The short form of `make chaos-disk`.
    @Suite("Full disks that snapshots lie on", .serialized, .timeLimit(.minutes(5)))
    struct DiskChaosTests {
        @Test(
            .enabled(if: !RestoreChaosTests.storages.isEmpty, "needs root, and btrfs-progs or ZFS"),
            arguments: RestoreChaosTests.storages
        )
        func `cost no acknowledged write, and are told of`(storage: DevStorage) async throws {
            let result = try await RunningShard.run(
                "manatee-dev",
                ["chaos-disk", "--storage", storage.rawValue, "--victims", "primary,sync,async"],
                in: FileManager.default.temporaryDirectory.path
            )
            #expect(result.status == 0, "\(result.output)")
            let lines = result.output.split(separator: "\n")
            for victim in ["primary", "sync", "async"] {
                let round = try #require(
                    lines.first { $0.contains(#""victim":"\#(victim)""#) },
                    "\(result.output)"
                )
                #expect(round.contains(##"\" has no space: "##), "\(round)")
                #expect(round.contains(#""toldAfterwards":[]"#), "\(round)")
            }
            #expect(result.output.contains(#""lost":0,"rounds":3,"succeeded":true"#))
        }
    }
}
