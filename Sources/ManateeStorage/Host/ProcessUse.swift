import Glibc
import ManateePorts

/// Which processes use a directory: by their working directory, root, or an open file.
///
/// A process of another user is seen only by root.
enum ProcessUse {
    /// How long a use may last that is about to end.
    private static let patience = Duration.seconds(10)

    /// A process that uses something below `path`; nil if none is seen.
    static func user(of path: String) -> pid_t? {
        for name in HostFiles.names(in: "/proc") ?? [] {
            guard let pid = pid_t(name) else { continue }
            if links(of: pid).contains(where: { $0 == path || $0.hasPrefix(path + "/") }) {
                return pid
            }
        }
        return nil
    }

    /// Makes sure that nothing is mounted at `path` or below, and that no process uses it.
    static func requireUnused(_ path: String, mountedTree: Bool = false) throws(StorageFailure) {
        let mounts = try MountTable.current().within(path)
        if let mount = mounts.first(where: { !mountedTree || $0.path != path }) {
            throw StorageFailure(
                .inUse,
                "\(mount.source) is mounted at \(mount.path): unmount it, then try again"
            )
        }
        if let pid = user(of: path) {
            throw StorageFailure(
                .inUse,
                "process \(pid) uses \(path): end it, then try again"
            )
        }
    }

    /// Waits a moment for processes that end or only look, before it refuses.
    static func awaitUnused(
        _ path: String,
        mountedTree: Bool = false
    ) async throws(StorageFailure) {
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                try requireUnused(path, mountedTree: mountedTree)
                return
            } catch {
                guard !Task.isCancelled, ContinuousClock.now < deadline else { throw error }
            }
            // A cancelled wait ends with the next look.
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    private static func links(of pid: pid_t) -> [String] {
        let process = "/proc/\(pid)"
        let files = (HostFiles.names(in: "\(process)/fd") ?? []).map { "\(process)/fd/\($0)" }
        return (["\(process)/cwd", "\(process)/root"] + files).compactMap(HostFiles.linkTarget)
    }
}
