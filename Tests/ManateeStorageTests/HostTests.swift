import Foundation
import ManateePorts
import Testing

@testable import ManateeStorage

@Suite("What storage knows about its host")
struct HostTests {
    @Test func `mounts are read with their escapes`() throws {
        let table = MountTable(try captured("mounts"))
        #expect(table.ofDataset("tank/data").map(\.path) == ["/srv/m x"])
        #expect(table.ofDataset("tank/other").map(\.path) == ["/srv/a\tb\\c"])
        #expect(table.at("/srv/b").map(\.type) == ["btrfs"])
        #expect(table.within("/srv/b").count == 2)
        #expect(table.within("/srv/b/data").map(\.type) == ["tmpfs"])
        #expect(table.covering("/srv/b/data")?.type == "btrfs")
        #expect(table.covering("/srv/bb")?.type == "ext4")
        #expect(MountTable("nonsense\n").entries.isEmpty)
    }

    @Test(arguments: [
        "", "-r", ".x", "a b", "a/b", "a@b", "../x", String(repeating: "a", count: 101),
    ])
    func `words that could be options or paths are no names`(text: String) {
        #expect(SnapshotName(text) == nil)
    }

    @Test func `our names have 13 digits`() throws {
        #expect(SnapshotName(milliseconds: 1_700_000_000_001).text == "1700000000001")
        #expect(SnapshotName(milliseconds: 5).text == "1000000000000")
        #expect(try #require(SnapshotName("1700000000001")).isOurs)
        #expect(try !#require(SnapshotName("170000000000")).isOurs)
        #expect(try !#require(SnapshotName("170000000000x")).isOurs)
    }

    @Test func `a leftover is one whose process has ended`() {
        #expect(!TransientName.isLeftover(TransientName.make("clone")))
        #expect(TransientName.isLeftover("clone-4194305-1f"))
        #expect(!TransientName.isLeftover("operator"))
        #expect(!TransientName.isLeftover("autorebuild-2026-11-22T18:00:00.000Z"))
    }

    @Test func `names of isolated data tell why and when`() {
        let moment = Date(timeIntervalSince1970: 1_700_000_000.25)
        let name = IsolatedName.make(.diverged, at: moment)
        #expect(name == "diverged-2023-11-14T22:13:20.250Z")
        #expect(SnapshotName.isWord(name))
    }

    @Test func `a command that hangs is ended, with what it started`() async throws {
        let command = ToolCommand(
            path: "/usr/bin/sleep",
            arguments: ["30"],
            limit: .milliseconds(300)
        )
        let began = ContinuousClock.now
        let failure = await #expect(throws: StorageFailure.self) {
            _ = try await ToolRunner().output(of: command)
        }
        #expect(failure?.kind == .timedOut)
        #expect(ContinuousClock.now - began < .seconds(10))
    }

    @Test func `a command that talks without end is ended`() async throws {
        let command = ToolCommand(path: "/usr/bin/yes", arguments: [], limit: .seconds(20))
        let failure = await #expect(throws: StorageFailure.self) {
            _ = try await ToolRunner().output(of: command)
        }
        #expect(failure?.kind == .failed)
    }

    @Test func `a command's words reach it as they are`() async throws {
        let command = ToolCommand(path: "/usr/bin/printf", arguments: ["%s|", "$HOME; x", "a b"])
        #expect(try await ToolRunner().output(of: command).output == "$HOME; x|a b|")
    }
}
