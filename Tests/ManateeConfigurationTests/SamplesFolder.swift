import Foundation

/// The sample files of these tests, in the source tree so that they can be rewritten.
enum SamplesFolder {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Samples")

    static func read(_ name: String) throws -> String {
        try String(contentsOf: root.appending(path: name), encoding: .utf8)
    }

    /// The broken samples' names, in order.
    static let broken: [String] = {
        let names = FileManager.default.enumerator(atPath: root.appending(path: "Broken").path)?
            .compactMap { $0 as? String }
        return (names ?? []).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".json") }.sorted()
    }()
}
