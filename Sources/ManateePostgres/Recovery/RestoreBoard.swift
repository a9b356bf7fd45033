import Foundation
import ManateeCore
import ManateePorts
import Synchronization

/// Where a copy tells how far it is, to be read at any time.
final class RestoreBoard: Sendable {
    private let current = Mutex<RestoreStatus?>(nil)

    /// The copy that goes on, or the last one; nil if there was none.
    var status: RestoreStatus? { current.withLock { $0 } }

    /// A copy begins.
    func begin(from source: PeerID, by method: RestoreStatus.Method) {
        let id = UUID().uuidString.lowercased()
        current.withLock { $0 = RestoreStatus(id: id, source: source, method: method) }
    }

    /// It turned out to be another sort of copy than was asked for.
    func become(_ method: RestoreStatus.Method) { current.withLock { $0?.method = method } }

    /// It got this far.
    func note(completed: Int64, total: Int64?, bytesPerSecond: Int64? = nil) {
        current.withLock { status in
            status?.completed = completed
            status?.total = total
            status?.bytesPerSecond = bytesPerSecond
        }
    }

    /// It ended.
    func end(_ outcome: RestoreStatus.Outcome, because cause: String? = nil) {
        current.withLock {
            $0?.outcome = outcome
            $0?.cause = cause
        }
    }
}

/// A line of `pg_basebackup`'s progress report, `23456/34567 kB (67%), 0/1 tablespace`.
struct BaseBackupProgress: Equatable, Sendable {
    /// The bytes that came.
    var completed: Int64
    /// About how many there will be.
    var total: Int64

    /// Reads a line; nil if it is another one.
    init?(parsing line: String) {
        let words = line.split(separator: " ")
        guard words.count >= 2, words[1] == "kB" else { return nil }
        let numbers = words[0].split(separator: "/").compactMap { Int64($0) }
        guard numbers.count == 2 else { return nil }
        completed = numbers[0] * 1024
        total = numbers[1] * 1024
    }
}
