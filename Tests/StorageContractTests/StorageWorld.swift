import Foundation
import Logging
import ManateePorts
import ManateeStorage
import Testing

/// A real file system of its own for one test, on an image in a temporary directory.
struct StorageWorld: Sendable {
    let kind: StorageKind
    /// The temporary directory: the image, the mount points, and whatever a test needs.
    let directory: String
    /// The pool's name, on ZFS.
    private let pool: String

    /// Runs `body` with two storages of one kind, of which nothing is left behind it.
    static func with(
        _ kind: StorageKind,
        size: String = "512M",
        _ body: (StorageWorld) async throws -> Void
    ) async throws {
        // Writing to a receiver that has ended must be an error, not the end of the tests.
        signal(SIGPIPE, SIG_IGN)
        let word = UUID().uuidString.prefix(8).lowercased()
        // With a blank, which the kernel escapes in its tables.
        let directory = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appending(path: "manatee-storage \(word)").path
        let world = StorageWorld(kind: kind, directory: directory, pool: "manatee\(word)")
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        do {
            try world.setUp(size: size)
            try await body(world)
        } catch {
            await world.tearDown()
            throw error
        }
        await world.tearDown()
    }

    /// A storage in this file system that holds nothing yet.
    func storage(_ name: String = "one", isolatedKept: Int = 2) -> any DataStorage {
        let logger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        return settings(name, isolatedKept: isolatedKept).storage(logger: logger)
    }

    /// Where that storage lies.
    func settings(_ name: String = "one", isolatedKept: Int = 2) -> StorageSettings {
        switch kind {
        case .zfs:
            .zfs(
                ZFSSettings(
                    dataset: "\(pool)/\(name)/data",
                    mountpoint: "\(directory)/\(name)",
                    isolatedKept: isolatedKept
                )
            )
        case .btrfs:
            .btrfs(TreeSettings(root: "\(directory)/disk/\(name)", isolatedKept: isolatedKept))
        case .xfs:
            .directory(
                TreeSettings(root: "\(directory)/disk/\(name)", isolatedKept: isolatedKept)
            )
        }
    }

    /// The name of a data set of this world.
    func dataset(_ path: String) -> String { "\(pool)/\(path)" }

    private func setUp(size: String) throws {
        let image = "\(directory)/image"
        try HostTool.makeImage(image, size: size)
        let disk = "\(directory)/disk"
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        switch kind {
        case .zfs:
            // Without a cache file nobody imports the pool after a crash.
            try HostTool.run(
                "/usr/sbin/zpool",
                "create",
                "-f",
                "-o",
                "cachefile=none",
                "-m",
                "none",
                pool,
                image
            )
        case .btrfs:
            try HostTool.run("/usr/sbin/mkfs.btrfs", "--quiet", image)
            try HostTool.run("/usr/bin/mount", "-o", "loop", image, disk)
        case .xfs:
            try HostTool.run("/usr/sbin/mkfs.xfs", "-q", image)
            try HostTool.run("/usr/bin/mount", "-o", "loop", image, disk)
        }
    }

    /// Unmounts whatever is mounted below the directory, and removes it.
    private func tearDown() async {
        if kind == .zfs { await destroyPool() }
        // What cannot be unmounted is told by the look at the table that follows.
        let deadline = ContinuousClock.now.advanced(by: .seconds(10))
        while true {
            for path in mounts().reversed() { _ = try? HostTool.run("/usr/bin/umount", path) }
            guard !mounts().isEmpty, ContinuousClock.now < deadline else { break }
            // A moment after the last process ended, a file system can still be busy.
            try? await Task.sleep(for: .milliseconds(100))
        }
        let left = mounts()
        guard left.isEmpty else {
            Issue.record("still mounted: \(left.joined(separator: ", "))")
            for path in left.reversed() { _ = try? HostTool.run("/usr/bin/umount", "-l", path) }
            return
        }
        // The directory may be gone already: then there is nothing to remove.
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Destroys the pool; after the last unmount it can still be busy, until zfs-fuse has written what it
    /// holds.
    private func destroyPool() async {
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        while true {
            do {
                try HostTool.run("/usr/sbin/zpool", "destroy", "-f", pool)
                return
            } catch {
                let text = "\(error)"
                if text.contains("no such pool") { return }
                guard ContinuousClock.now < deadline else {
                    Issue.record(error, "the pool stays")
                    return
                }
                // Cancelled or not, the pool has to go.
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private func mounts() -> [String] {
        // On a machine without this table nothing could have been mounted.
        let table = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        return table.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 1 else { return nil }
            let path = fields[1].replacing("\\040", with: " ")
            return path.hasPrefix(directory) ? String(path) : nil
        }
    }
}

/// Collects a stream.
func collected(_ stream: any StorageStream) async throws -> [[UInt8]] {
    try await chunks(of: stream)
}

private func chunks(of stream: some StorageStream) async throws -> [[UInt8]] {
    var all: [[UInt8]] = []
    for try await chunk in stream { all.append(chunk) }
    return all
}

/// A stream of these chunks, which ends with `error` if there is one.
struct ListStream: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error

    struct Iterator: AsyncIteratorProtocol {
        var rest: ArraySlice<[UInt8]>
        var error: (any Error)?

        mutating func next() async throws -> [UInt8]? {
            if let chunk = rest.popFirst() { return chunk }
            if let error { throw error }
            return nil
        }
    }

    var chunks: [[UInt8]]
    var error: (any Error)?

    func makeAsyncIterator() -> Iterator { Iterator(rest: chunks[...], error: error) }
}

/// A stream that gives `first` and then nothing, until it is cancelled.
struct StalledStream: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error

    struct Iterator: AsyncIteratorProtocol {
        var first: [UInt8]?
        let stalled: @Sendable () -> Void

        mutating func next() async throws -> [UInt8]? {
            if let chunk = first {
                first = nil
                return chunk
            }
            stalled()
            try await Task.sleep(for: .seconds(60))
            return nil
        }
    }

    var first: [UInt8]
    /// Called when nothing more comes.
    var stalled: @Sendable () -> Void

    func makeAsyncIterator() -> Iterator { Iterator(first: first, stalled: stalled) }
}
