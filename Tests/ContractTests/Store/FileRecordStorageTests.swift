import Foundation
import ManateeCore
import ManateeJournal
import ManateeStore
import Testing

@Suite("A peer's records of role changes in a file")
struct FileRecordStorageTests {
    private static let record = RoleChangeRecord(
        kind: .takeover,
        role: .primary,
        generation: Generation(2),
        began: WallTime(milliseconds: 1_772_366_400_123),
        segments: [.init(.promote, .milliseconds(84))]
    )

    private func storage(
        _ path: String,
        shard: String = "/manatee/1",
        peer: Peer = .example(9)
    ) -> FileRecordStorage {
        FileRecordStorage(path: path, shard: shard, peer: peer.id)
    }

    @Test func `are none before the first save, and then what was saved last`() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/sitter/memory.json.records"
            #expect(try await storage(path).load() == [])
            try await storage(path).save([Self.record])
            try await storage(path).save([Self.record, Self.record])
            #expect(try await storage(path).load() == [Self.record, Self.record])
        }
    }

    @Test(arguments: ["", "{", "{\"version\":2}", "\u{0}\u{0}"])
    func `that cannot be understood are an error that names the file, until the next save`(
        content: String
    ) async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/records"
            try Data(content.utf8).write(to: URL(filePath: path))
            await #expect {
                _ = try await storage(path).load()
            } throws: {
                "\($0)".contains("cannot understand \(path): ")
            }
            try await storage(path).save([Self.record])
            #expect(try await storage(path).load() == [Self.record])
        }
    }

    @Test func `of another shard or peer are not taken up`() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/records"
            try await storage(path).save([Self.record])
            for other in [storage(path, shard: "/manatee/2"), storage(path, peer: .example(8))] {
                await #expect {
                    _ = try await other.load()
                } throws: {
                    "\($0)".contains("belongs to another shard or peer")
                }
            }
        }
    }
}
