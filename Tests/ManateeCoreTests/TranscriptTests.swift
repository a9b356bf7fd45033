import Foundation
import Testing

@Suite("Transcripts")
struct TranscriptTests {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Transcripts")

    static let files: [String] = {
        // An unreadable directory gives no files, which the first test reports.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test func `are there`() {
        #expect(TranscriptTests.files.count >= 25)
    }

    @Test(arguments: files)
    func `say what happens`(_ file: String) throws {
        let url = TranscriptTests.directory.appending(path: file)
        let text = try String(contentsOf: url, encoding: .utf8)
        let result = try Transcript(text).run().text
        #expect(text.hasPrefix("# "), "\(file) does not begin with a sentence on what it shows")
        #expect(!result.contains("MISUSE"), "\(file) uses a verb wrongly: see the output")
        #expect(!result.contains("ENDLESS"), "\(file): the peer does not come to rest")
        if ProcessInfo.processInfo.environment["MANATEE_REWRITE"] == "1" {
            try result.write(to: url, atomically: true, encoding: .utf8)
        } else {
            #expect(result == text, "\(file): read the difference, then MANATEE_REWRITE=1")
        }
    }
}
