import Foundation
import ManateeStorage
import Testing

/// The real backends that the contract holds for.
enum StorageKind: String, CaseIterable, CustomTestStringConvertible {
    case zfs
    case btrfs
    case xfs

    var testDescription: String {
        switch self {
        case .zfs: "ZFS (zfs-fuse or the kernel's)"
        case .btrfs: "btrfs"
        case .xfs: "a directory on XFS with reflinks"
        }
    }

    /// What this machine lacks for the backend; nil if it has everything.
    var missing: String? {
        guard geteuid() == 0 else { return "not root: cannot make and mount file systems" }
        switch self {
        case .zfs: return ZFSHost.missing
        case .btrfs:
            return Self.lacking(["/usr/bin/btrfs", "/usr/sbin/mkfs.btrfs"], fileSystem: "btrfs")
        case .xfs: return Self.lacking(["/usr/sbin/mkfs.xfs"], fileSystem: "xfs")
        }
    }

    /// Those that this machine has.
    static var available: [StorageKind] { allCases.filter { $0.missing == nil } }
    /// What is missing for the others, in words.
    static var absent: String {
        allCases.compactMap { kind in
            kind.missing.map { "\(kind.rawValue): \($0)" }
        }.joined(separator: "; ")
    }

    /// Those that can send a difference.
    static var incremental: [StorageKind] { available.filter { $0 != .xfs } }

    private static func lacking(_ programs: [String], fileSystem: String) -> String? {
        for program in programs where !FileManager.default.isExecutableFile(atPath: program) {
            return "no \(program)"
        }
        guard FileManager.default.fileExists(atPath: "/dev/loop-control") else {
            return "no loop devices"
        }
        // A file that is not there says that nothing is known.
        let known = (try? String(contentsOfFile: "/proc/filesystems", encoding: .utf8)) ?? ""
        return known.split(separator: "\n").contains { $0.hasSuffix("\t\(fileSystem)") }
            ? nil : "the kernel does not know \(fileSystem)"
    }
}
