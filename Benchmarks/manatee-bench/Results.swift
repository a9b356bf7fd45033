import Foundation
import ManateeBench
import ManateeLocal
import Synchronization

/// The results so far; each is printed as it comes.
final class Results: Sendable {
    private let results = Mutex<[FaultResult]>([])
    private let json: Bool

    /// No results yet; `json` is whether each is printed as a line.
    init(json: Bool) {
        self.json = json
    }

    /// All results, in the order in which they came.
    var all: [FaultResult] { results.withLock(\.self) }

    /// Keeps one more.
    func add(_ result: FaultResult) {
        results.withLock { $0.append(result) }
        if json { say(JSONLine.text(result)) }
    }

    /// Whether no acknowledged write was lost and nobody saw two primaries.
    var areSafe: Bool { all.allSatisfy { $0.lost == 0 && $0.twoPrimaries == 0 } }
}

/// A value as one line.
enum JSONLine {
    static func text(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            preconditionFailure("figures cannot be written: \(error)")
        }
    }
}
