import ManateePorts
import Testing

@testable import ManateeStorage

@Suite("What btrfs, cp and tar are told, and what they say")
struct TreeOutputTests {
    @Test func `a received subvolume is told from a cut one`() throws {
        let whole = try #require(BtrfsSubvolume(try captured("btrfs-6.2-show")))
        #expect(whole.number == 259)
        #expect(whole.uuid == "a9cfdbd6-4136-f746-bf88-bc6d5b6b2584")
        #expect(whole.receivedUUID == "1ac8ee75-a9ba-c34a-aa16-9fd542611e74")
        #expect(whole.isReadOnly)
        let cut = try #require(BtrfsSubvolume(try captured("btrfs-6.2-show-cut")))
        #expect(cut.receivedUUID == nil)
        #expect(!cut.isReadOnly)
        #expect(BtrfsSubvolume("ERROR: Not a Btrfs subvolume: Invalid argument") == nil)
    }

    @Test func `sizes belong to paths with blanks`() throws {
        let usage = BtrfsUsage(try captured("btrfs-6.2-du"))
        #expect(usage.exclusive["/srv/with blank/1700000000002"] == 4096)
        #expect(usage.total["/srv/with blank/1700000000001"] == 4_194_304)
        #expect(usage.total.count == 2)
    }

    @Test func `command lines are lists of words`() {
        let copy = BtrfsMethod.snapshotCommand("/usr/bin/btrfs", "/a", "/b c", readOnly: true)
        #expect(copy.arguments == ["subvolume", "snapshot", "-r", "/a", "/b c"])
        let send = BtrfsMethod.sendCommand("/usr/bin/btrfs", "/s/2", since: "/s/1")
        #expect(send.arguments == ["send", "-q", "-p", "/s/1", "/s/2"])
        let reflink = ReflinkMethod.copyCommand("/a", "/b", limit: .seconds(1))
        #expect(reflink.arguments == ["--archive", "--reflink=always", "--", "/a", "/b"])
        // The mark comes last, so that a cut archive lacks it.
        let archive = ReflinkMethod.archiveCommand("/s", mark: "/m")
        #expect(archive.arguments.last == ReflinkMethod.endMark)
    }

    /// A stream of commands with this much data each; the last is the end if `ended`.
    private func stream(_ lengths: [Int], ended: Bool) -> [UInt8] {
        var bytes = Array("btrfs-stream\0".utf8) + [1, 0, 0, 0]
        for length in lengths {
            bytes += [UInt8(length & 0xFF), UInt8(length >> 8), 0, 0, 15, 0, 9, 9, 9, 9]
            bytes += [UInt8](repeating: 21, count: length)
        }
        return ended ? bytes + [0, 0, 0, 0, 21, 0, 9, 9, 9, 9] : bytes
    }

    @Test(arguments: [1, 3, 7, 1000])
    func `the end of a btrfs stream is seen in any chunks`(size: Int) throws {
        let bytes = stream([0, 5, 300], ended: true)
        var check = BtrfsStreamCheck()
        for start in stride(from: 0, to: bytes.count, by: size) {
            try check.take(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        try check.finish()
        #expect(throws: StorageFailure.self) { try check.take([0]) }
    }

    @Test func `a btrfs stream that stops anywhere is not complete`() throws {
        let bytes = stream([0, 5, 300], ended: true)
        for length in 0..<bytes.count {
            var check = BtrfsStreamCheck()
            try check.take(Array(bytes.prefix(length)))
            #expect(throws: StorageFailure.self, "\(length) bytes") { try check.finish() }
        }
        var check = BtrfsStreamCheck()
        #expect(throws: StorageFailure.self) { try check.take([UInt8](repeating: 65, count: 40)) }
    }
}
