import Foundation
import ManateeBench
import ManateeLocal

/// The results so far; each is printed as it comes.
actor Results {
    private(set) var all: [FaultResult] = []
    private let json: Bool

    /// No results yet; `json` is whether each is printed as a line.
    init(json: Bool) {
        self.json = json
    }

    /// Keeps one more.
    func add(_ result: FaultResult) {
        all.append(result)
        guard json else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // It holds nothing that cannot be written as JSON.
        let text = (try? encoder.encode(result)).map { String(decoding: $0, as: UTF8.self) }
        say(text ?? "")
    }

    /// Whether no acknowledged write was lost and nobody saw two primaries.
    var areSafe: Bool { all.allSatisfy { $0.lost == 0 && $0.twoPrimaries == 0 } }
}
