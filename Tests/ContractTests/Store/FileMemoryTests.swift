import Foundation
import ManateeCore
import ManateePorts
import ManateeStore
import Testing

@Suite("A peer's memory in a file")
struct FileMemoryTests {
    static let full = PeerMemory(
        adopted: VersionedState(.example(3), version: StateVersion(7)),
        proposed: .example(4),
        systemIdentifier: SystemIdentifier(7_000_000_000_000_000_001)
    )

    func memory(
        _ path: String,
        shard: String = "/manatee/1",
        peer: Peer = .example(9)
    ) -> FileMemory {
        FileMemory(path: path, shard: shard, peer: peer.id)
    }

    @Test func `is empty before the first save`() async throws {
        try await withTemporaryDirectory { directory in
            for path in ["\(directory)/memory.json", "\(directory)/none/memory.json"] {
                let loaded = try await memory(path).load()
                #expect(loaded == PeerMemory())
            }
        }
    }

    @Test func `is what was saved last, for the owner's eyes only`() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/sitter/memory.json"
            try await memory(path).save(Self.full)
            #expect(try await memory(path).load() == Self.full)
            try await memory(path).save(PeerMemory(adopted: Self.full.adopted))
            #expect(try await memory(path).load() == PeerMemory(adopted: Self.full.adopted))
            let files = FileManager.default
            let mode = try files.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try files.contentsOfDirectory(atPath: "\(directory)/sitter") == ["memory.json"])
        }
    }

    @Test func `that was half written by a crash does not count`() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/memory.json"
            try await memory(path).save(Self.full)
            try Data("{".utf8).write(to: URL(filePath: path + ".new"))
            #expect(try await memory(path).load() == Self.full)
            try await memory(path).save(PeerMemory())
            #expect(try await memory(path).load() == PeerMemory())
        }
    }

    @Test(arguments: ["", "{", "{\"version\":2}", "\u{0}\u{0}"])
    func `that cannot be understood is an error that says what to do`(
        content: String
    ) async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/memory.json"
            try Data(content.utf8).write(to: URL(filePath: path))
            await #expect {
                _ = try await memory(path).load()
            } throws: {
                "\($0)".contains(path) && "\($0)".contains("the peer's memory")
                    && "\($0)".contains("move it away only if")
            }
        }
    }

    @Test func `of another shard or peer is refused`() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/memory.json"
            try await memory(path).save(Self.full)
            for other in [memory(path, shard: "/manatee/2"), memory(path, peer: .example(8))] {
                await #expect {
                    _ = try await other.load()
                } throws: {
                    "\($0)".contains("belongs to another shard or peer")
                }
            }
        }
    }

    @Test func `that cannot be written is an error, and the old one stays`() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/memory.json"
            try await memory(path).save(Self.full)
            // A directory where the new file should be made.
            let obstacle = URL(filePath: path + ".new")
            try FileManager.default.createDirectory(
                at: obstacle,
                withIntermediateDirectories: false
            )
            await #expect {
                try await memory(path).save(PeerMemory())
            } throws: {
                "\($0)" == "cannot create \(path).new: Is a directory"
            }
            #expect(try await memory(path).load() == Self.full)
            await #expect {
                try await memory("\(directory)/no/such/memory.json").save(PeerMemory())
            } throws: {
                "\($0)" == "cannot make \(directory)/no/such: No such file or directory"
            }
        }
    }
}
