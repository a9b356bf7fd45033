import Foundation
import Subprocess
import SystemPackage

/// What lies in the storages of a local shard besides data and snapshots.
struct StorageLeftovers: Equatable, Sendable {
    /// Copies that were set aside, with their peer; of plain directories only those beyond the bound.
    var isolated: [String] = []
    /// What is not complete, or was made for a while.
    var transient: [String] = []
    /// Holds on snapshots.
    var held: [String] = []
    /// How many snapshots there are.
    var snapshots = 0
    /// Where something is mounted.
    var mounts: Set<String> = []

    /// Looks at all peers' storages.
    ///
    /// - Throws: `DevFileSystemFailure` if `zfs` refuses.
    static func look(_ settings: DevSettings, in directory: DevDirectory) async throws -> Self {
        var found = Self()
        let table = try KernelFile.text("/proc/self/mounts")
        found.mounts = Set(
            table.split(separator: "\n").compactMap { line in
                let path = line.split(separator: " ")[1]
                return path.hasPrefix(directory.diskDirectory) ? String(path) : nil
            }
        )
        switch settings.storage ?? .directory {
        case .directory:
            for peer in 1...settings.ports.peers.count {
                found.addDirectory(of: peer, at: settings.dataDirectory(peer, in: directory))
            }
        case .btrfs:
            for peer in 1...settings.ports.peers.count {
                found.addTree(of: peer, at: "\(directory.diskDirectory)/peer\(peer)")
            }
        case .zfs:
            let pools = settings.volumes(in: directory, megabytes: 0).map(\.pool)
            for pool in pools { try await found.addPool(pool) }
        }
        return found
    }

    /// How many replaced directories a peer keeps.
    private static let keptDirectories = 3

    private mutating func addDirectory(of peer: Int, at data: String) {
        func names(_ path: String) -> [String] {
            // What is not there holds nothing.
            ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
        }
        let (parent, name) = (
            (data as NSString).deletingLastPathComponent, (data as NSString).lastPathComponent
        )
        isolated += names(data + ".isolated").dropLast(Self.keptDirectories).map {
            "peer\(peer)/\($0)"
        }
        transient += names(parent).filter { $0.hasPrefix(name + ".incoming-") }.map {
            "peer\(peer)/\($0)"
        }
    }

    private mutating func addTree(of peer: Int, at root: String) {
        func names(_ path: String) -> [String] {
            // What is not there holds nothing.
            ((try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(path)")) ?? []).map {
                "peer\(peer)/\(path)/\($0)"
            }
        }
        isolated += names("isolated")
        transient += names("work")
        snapshots += names("snapshots").count
        for name in names("holds").compactMap({ $0.split(separator: "/").last }) {
            held += names("holds/\(name)")
        }
    }

    private mutating func addPool(_ pool: String) async throws {
        let words = ["list", "-H", "-r", "-t", "all", "-o", "name,userrefs", pool]
        let result = try await Subprocess.run(
            .path(FilePath(DevStorage.zfsProgram)),
            arguments: Arguments(words),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 16)
        )
        guard result.terminationStatus.isSuccess else {
            throw DevFileSystemFailure.refused(
                command: "zfs " + words.joined(separator: " "),
                reason: result.standardError
            )
        }
        for line in result.standardOutput.split(separator: "\n") {
            let fields = line.split(separator: "\t")
            let parts = fields[0].split(separator: "/")
            let isSnapshot = fields[0].contains("@")
            if isSnapshot { snapshots += 1 }
            if isSnapshot, fields.count > 1, let count = Int(fields[1]), count > 0 {
                held.append(String(fields[0]))
            }
            guard parts.count == 4, !isSnapshot else { continue }
            if parts[2] == "isolated" { isolated.append(String(fields[0])) }
            if parts[2] == "incoming" || parts[2] == "clones" {
                transient.append(String(fields[0]))
            }
        }
    }
}
