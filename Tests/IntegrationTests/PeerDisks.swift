import Foundation
import ManateeLocal
import Testing

/// A small file system of its own for each peer, which a test can fill to the last byte.
struct PeerDisks: Sendable {
    let directory: DevDirectory
    let peers: ClosedRange<Int>

    /// What this machine lacks for it; nil if nothing.
    static var missing: String? {
        guard geteuid() == 0 else { return "not root: cannot mount" }
        guard FileManager.default.fileExists(atPath: "/dev/loop-control") else {
            return "no loop devices"
        }
        return FileManager.default.isExecutableFile(atPath: "/usr/sbin/mkfs.ext4")
            ? nil : "no mkfs.ext4"
    }

    /// Puts a file system of 700 MB below each peer's directory, with what was in it.
    func mount() throws {
        for peer in peers {
            let (home, image) = (directory.peerDirectory(peer), image(peer))
            let kept = try Data(contentsOf: URL(filePath: directory.configurationFile(peer)))
            try Self.run("/usr/bin/truncate", "--size=700M", image)
            try Self.run("/usr/sbin/mkfs.ext4", "-q", "-m", "0", image)
            try Self.run("/usr/bin/mount", "-o", "loop", image, home)
            try Self.run("/usr/bin/chown", "postgres:", home)
            try kept.write(to: URL(filePath: directory.configurationFile(peer)))
        }
    }

    /// Takes the file systems away again.
    func unmount() throws {
        for peer in peers { try Self.run("/usr/bin/umount", directory.peerDirectory(peer)) }
    }

    /// Fills the peer's file system to its last byte.
    func fill(_ peer: Int) throws {
        // It ends by the error that is wanted: no space left.
        _ = try? Self.run("/usr/bin/dd", "if=/dev/zero", "of=\(filler(peer))", "bs=1M")
        _ = try? Self.run(
            "/usr/bin/dd",
            "if=/dev/zero",
            "of=\(filler(peer))",
            "bs=512",
            "oflag=append",
            "conv=notrunc"
        )
        try #require(free(peer) < 1 << 20)
    }

    /// Fills the peer's file system until so many bytes are free.
    func fill(_ peer: Int, leaving rest: UInt64) throws {
        let free = free(peer)
        try #require(free > rest)
        try Self.run("/usr/bin/fallocate", "-l", "\(free - rest)", filler(peer))
    }

    /// Takes the filling out again.
    func empty(_ peer: Int) throws {
        try FileManager.default.removeItem(atPath: filler(peer))
    }

    private func free(_ peer: Int) -> UInt64 {
        var facts = statvfs()
        guard statvfs(directory.peerDirectory(peer), &facts) == 0 else { return .max }
        return UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
    }

    private func image(_ peer: Int) -> String { "\(directory.path)/disk\(peer)" }
    private func filler(_ peer: Int) -> String { directory.peerDirectory(peer) + "/filler" }

    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    @discardableResult
    private static func run(_ words: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self)
        guard process.terminationStatus == 0 else {
            throw Failed(description: "\(words.joined(separator: " ")): \(text)")
        }
        return text
    }
}
