import ManateeBench
import Testing

@Suite("The table of copies")
struct StorageTableTests {
    private func result(
        _ storage: String,
        _ measure: StorageResult.Measure,
        _ seconds: Double,
        copied: Int? = 600,
        by way: String
    ) -> StorageResult {
        StorageResult(
            storage: storage,
            databaseMegabytes: 512,
            measure: measure,
            seconds: seconds,
            copiedMegabytes: copied,
            way: way
        )
    }

    @Test("has a row for each storage and size, with the rates' ratio and what is missing")
    func rows() {
        let table = StorageTable([
            result("zfs", .build, 12, by: "whole"),
            result("zfs", .plainCopy, 9, by: "zfs send"),
            result("btrfs", .build, 4, by: "whole"),
            result("zfs", .rejoin, 2.5, copied: nil, by: "pg_rewind"),
        ])
        #expect(
            table.markdown.split(separator: "\n").suffix(2) == [
                "| zfs | 512 MiB | 600 MiB | 12.0 | 50.0 | whole | 9.0 | 66.7 | 0.75 "
                    + "| 2.5 | pg_rewind |",
                "| btrfs | 512 MiB | 600 MiB | 4.0 | 150.0 | whole | - | - | - | - | - |",
            ]
        )
    }
}
