import Glibc
import ManateeProcesses
import Synchronization

/// Why a program could not be started.
package enum LaunchFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system refused: the program and the reason.
    case notStarted(program: String, reason: String)
    /// There is no such user.
    case unknownUser(String)
    /// Only root can start programs as another user.
    case notRoot(user: String)

    /// What was attempted, what was seen, and what to do.
    package var description: String {
        switch self {
        case .notStarted(let program, let reason):
            "cannot start \(program): \(reason)"
        case .unknownUser(let user):
            "cannot start a program as user '\(user)': there is no such user"
        case .notRoot(let user):
            "cannot start a program as user '\(user)': only root can become another user"
        }
    }
}

/// Starts programs on a thread of its own that never ends.
///
/// The kernel ties the parent-death signal to the *thread* that started the child: on a thread of a
/// pool the child would die when the pool shrinks.
final class ProcessSpawner: Sendable {
    typealias Completion = @Sendable (Result<Int32, LaunchFailure>) -> Void

    static let shared = ProcessSpawner()

    private struct Order {
        var launch: ChildProcess.Launch
        var completion: Completion
    }

    private let orders = Mutex<[Order]>([])
    private let pipe: (read: Int32, write: Int32)

    private init() {
        var ends: [Int32] = [-1, -1]
        let result = Glibc.pipe(&ends)
        precondition(result == 0, "no pipe: error \(errno)")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        pipe = (ends[0], ends[1])
        DetachedThread.start(for: "spawner") { [self] in
            while true {
                var byte: UInt8 = 0
                // Blocks until there is an order; an interrupted read is repeated.
                guard read(pipe.read, &byte, 1) == 1 else { continue }
                guard let order = orders.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
                    continue
                }
                order.completion(Self.spawn(order.launch))
            }
        }
    }

    /// Starts a program, and says on the spawner's thread what came of it.
    func spawn(_ launch: ChildProcess.Launch, _ completion: @escaping Completion) {
        orders.withLock { $0.append(Order(launch: launch, completion: completion)) }
        var byte: UInt8 = 0
        while write(pipe.write, &byte, 1) == -1, errno == EINTR {}
    }

    private static func spawn(_ launch: ChildProcess.Launch) -> Result<Int32, LaunchFailure> {
        guard access(launch.program, X_OK) == 0 else {
            return .failure(.notStarted(program: launch.program, reason: describe(errno)))
        }
        let command: [String]
        do {
            command = try Self.command(launch)
        } catch {
            return .failure(error)
        }
        var spawn = Spawn(command, output: .endOfFile(launch.logFile, mode: 0o640))
        spawn.environment = launch.environment?.map { "\($0.key)=\($0.value)" }
        spawn.directory = launch.directory
        do {
            return .success(try spawn.start())
        } catch {
            let reason =
                "\(describe(error.number)); log file \(launch.logFile), "
                + "directory \(launch.directory ?? "-")"
            return .failure(.notStarted(program: launch.program, reason: reason))
        }
    }

    /// The program behind two others: one arranges for the signal and the user, the other sees that
    /// this process did not end in between, when nobody would have sent the signal.
    private static func command(
        _ launch: ChildProcess.Launch
    ) throws(LaunchFailure) -> [String] {
        guard access(setpriv, X_OK) == 0 else {
            throw .notStarted(program: setpriv, reason: "install the package util-linux")
        }
        var command = [setpriv, "--pdeathsig", launch.parentDeathSignal.rawValue]
        if let user = launch.user, user != currentUser {
            guard geteuid() == 0 else { throw .notRoot(user: user) }
            guard let group = primaryGroup(of: user) else { throw .unknownUser(user) }
            command += ["--reuid", user, "--regid", String(group), "--init-groups"]
        }
        let script = "[ \"$PPID\" = \"$1\" ] || exit 125; shift; exec \"$@\""
        command += ["--", "/bin/sh", "-c", script, "sh", String(getpid()), launch.program]
        return command + launch.arguments
    }

    private static let setpriv = "/usr/bin/setpriv"

    private static var currentUser: String? {
        lookUp { getpwuid_r(geteuid(), $0, $1, $2, $3) }?.name
    }

    private static func primaryGroup(of user: String) -> gid_t? {
        lookUp { getpwnam_r(user, $0, $1, $2, $3) }?.group
    }

    private typealias LookUp = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32

    private static func lookUp(_ function: LookUp) -> (name: String, group: gid_t)? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        let size = buffer.count
        return buffer.withUnsafeMutableBufferPointer { bytes in
            guard let base = bytes.baseAddress, function(&entry, base, size, &found) == 0,
                found != nil
            else { return nil }
            return (String(cString: entry.pw_name), entry.pw_gid)
        }
    }
}

/// What an error number of the system means.
func describe(_ number: Int32) -> String {
    strerror(number).map { String(cString: $0) } ?? "error \(number)"
}
