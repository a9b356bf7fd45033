import ArgumentParser
import Foundation
import ManateeBench
import ManateeLocal
import Synchronization

/// The results so far; each is printed and kept as it comes.
final class Results: Sendable {
    private let results: Mutex<[FaultResult]>
    private let json: Bool
    private let file: String?

    /// The results of an earlier run in `file`, which may be absent; new ones are appended to it.
    ///
    /// - Parameters:
    ///   - json: whether each is printed as a line.
    ///   - file: where they are kept, a line of JSON each; nil for nowhere.
    /// - Throws: `ValidationError` or what the file system or the decoder said.
    init(json: Bool, file: String?) throws {
        self.json = json
        self.file = file
        var earlier: [FaultResult] = []
        if let file {
            if !FileManager.default.fileExists(atPath: file) {
                guard FileManager.default.createFile(atPath: file, contents: nil) else {
                    throw ValidationError("cannot create \(file)")
                }
            }
            earlier = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
                .map { try JSONDecoder().decode(FaultResult.self, from: Data($0.utf8)) }
        }
        results = Mutex(earlier)
    }

    /// All results, in the order in which they came.
    var all: [FaultResult] { results.withLock(\.self) }

    /// Whether there is a result of this run; one that failed counts as well.
    func contains(_ name: FaultRunName) -> Bool {
        results.withLock { results in results.contains { $0.name == name } }
    }

    /// Keeps one more.
    @Sendable func add(_ result: FaultResult) throws {
        results.withLock { $0.append(result) }
        let line = JSONLine.text(result)
        if json { say(line) }
        guard let file else { return }
        let handle = try FileHandle(forWritingTo: URL(filePath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data((line + "\n").utf8))
        try handle.close()
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
