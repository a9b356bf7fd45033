import FoundationEssentials
import Testing

@Suite("The manual")
struct DocumentationTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/operating/manatee-adm.md")

    private func examples() throws -> [String] {
        let text = String(decoding: try Data(contentsOf: Self.page), as: UTF8.self)
        return text.split(separator: "```console\n").dropFirst().map { part in
            String(part.prefix(upTo: part.firstRange(of: "```")?.lowerBound ?? part.endIndex))
        }
    }

    @Test func `shows only what the tool really prints`() throws {
        let transcripts = try Transcript.all().map { try $0.read() }
        let examples = try examples()
        #expect(examples.count >= 9)
        for example in examples {
            #expect(transcripts.contains { $0.contains(example + "--- ") }, "\(example)")
        }
    }
}
