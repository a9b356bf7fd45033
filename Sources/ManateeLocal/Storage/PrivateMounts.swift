import Foundation
import Glibc

/// A mount namespace for this program and what it starts.
///
/// A shard's file systems are then seen by nobody else, go with the last process however that ends,
/// and zfs-fuse, of which a machine has one socket and one list of pools, is the shard's own.
package enum PrivateMounts {
    private static let variable = "MANATEE_DEV_PRIVATE_MOUNTS"
    private static let unshare = "/usr/bin/unshare"
    private static let script = """
        for place in /run/zfs /run/lock/zfs /var/lib/zfs; do
            mkdir -p "$place" && mount -t tmpfs -o mode=755 manatee-dev "$place" || exit 1
        done
        exec "$@"
        """

    /// Begins this program again in a namespace of its own, where `storage` needs one.
    ///
    /// Call it before anything is started. It returns only in the namespace.
    ///
    /// - Throws: ``DevFileSystemFailure`` if there is no `unshare`.
    package static func enter(for storage: DevStorage) throws {
        guard storage != .directory, geteuid() == 0, getenv(variable) == nil else { return }
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let words =
            [
                unshare, "--mount", "--propagation", "private", "--", "/bin/sh", "-c", script, "sh",
                own,
            ] + CommandLine.arguments.dropFirst()
        setenv(variable, "1", 1)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        execv(unshare, &arguments)
        throw DevFileSystemFailure.unable("\(unshare): \(String(cString: strerror(errno)))")
    }
}
