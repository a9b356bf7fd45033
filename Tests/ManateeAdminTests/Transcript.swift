import FoundationEssentials
import ManateeAdmin
import ManateeCore
import ManateePorts
import ManateeWire
import Synchronization
import Testing

/// An operator's session as a file: commands with what they print and how they end.
///
///     # a remark
///     cluster normalOk        an example cluster, from here on
///     history handover        an example history, likewise
///     store unreachable       what goes wrong with the store, likewise
///     sitter NAME BEHAVIOUR   whose sitter runs on this host, and how it heeds a request to rebuild
///     bar                     the standard error is a terminal, from here on
///     snapshots copied        the storage's snapshots are not of one moment
///     config TEXT             what is stored as the shard's configuration, from here on
///     runs IP NAME=VALUE      what a peer's postgres runs with; `pending` at the end: and waits
///     tells IP JSON           a role change that a peer's sitter tells; without JSON it does not answer
///     typed TEXT              what the operator leaves in the editor, from here on
///     file PATH TEXT          a file that can be read
///     env SHARD=              a variable of the environment, likewise
///     answers yes,no          what the operator types, in each command from here on
///     path /lock              something that exists in the store
///     shard 2.moray.example   another shard, without a state
///     state none              the shard loses its state; or a field of it: state FIELD=JSON
///     entry NAME JSON         a further entry of the election
///     host healthy            what the tool finds on the host itself, from here on
///     error TEXT              what a sitter of Manatee 1 left behind
///     $ manatee-adm verify    a command; its output follows
///     --- stderr              the second channel, if anything was printed there
///     --- exit 1
///
/// With `MANATEE_REWRITE=1` in the environment the files are rewritten from what is seen.
struct Transcript: Sendable, CustomTestStringConvertible {
    let name: String

    var testDescription: String { name }

    static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Transcripts")

    /// All transcripts, ordered by name.
    static func all() throws -> [Transcript] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path)
            .filter { $0.hasSuffix(".txt") }.sorted()
            .map { Transcript(name: $0) }
    }

    var url: URL { Self.directory.appending(path: name) }

    func read() throws -> String { String(decoding: try Data(contentsOf: url), as: UTF8.self) }

    /// The commands that the file runs, without the program's name.
    func commands() throws -> [[String]] {
        try read().split(separator: "\n").filter { $0.hasPrefix("$ ") }.map { words(String($0)) }
    }

    /// Carries the session out, and gives the file as it should be.
    func replay() async throws -> String {
        var example = Example()
        var seen = ""
        var isOutput = false
        for line in try read().split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let line = String(line)
            if line.hasPrefix("$ ") {
                isOutput = true
                seen += line + "\n" + shown(await example.run(words(line)))
            } else if !isOutput {
                seen += line + "\n"
                try apply(line, to: &example)
            } else if line.hasPrefix("--- exit ") {
                isOutput = false
            }
        }
        return seen
    }

    private func shown(_ result: Example.Result) -> String {
        let errors = result.standardError.isEmpty ? "" : "--- stderr\n" + result.standardError
        return result.standardOutput + errors + "--- exit \(result.exit.rawValue)\n"
    }

    private func words(_ line: String) -> [String] {
        var words: [String] = []
        for (place, part) in line.split(separator: "'", omittingEmptySubsequences: false)
            .enumerated()
        {
            // Between quotes blanks do not separate words.
            if place % 2 == 1 {
                words.append(String(part))
            } else {
                words += part.split(separator: " ").map(String.init)
            }
        }
        return Array(words.dropFirst(2))
    }

    private func apply(_ line: String, to example: inout Example) throws {
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        guard let verb = parts.first, !verb.hasPrefix("#") else { return }
        let argument = parts.count > 1 ? parts[1] : ""
        switch verb {
        case "cluster":
            let environment = example.environment
            example = Example(try #require(ExampleCluster.named(argument), "\(argument)"))
            example.environment = environment
        case "history":
            let entries = try #require(ExampleHistory.named(argument), "\(argument)")
            example.shard.content.withLock { $0.history = entries }
        case "store":
            let trouble = try #require(FakeShard.Trouble(rawValue: argument), "\(argument)")
            example.shard.content.withLock { $0.trouble = trouble }
        case "answers":
            example.answers = argument.split(separator: ",").map(String.init)
        case "path":
            example.shard.content.withLock { _ = $0.paths.insert(argument) }
        case "shard":
            example.shard.content.withLock { $0.otherShards.append(argument) }
        case "host":
            example.host = try #require(FakeHost.named(argument), "\(argument)")
        case "error":
            example.shard.content.withLock { $0.version1Error = Array(argument.utf8) }
        case "entry":
            let pair = argument.split(separator: " ", maxSplits: 1).map(String.init)
            let entry = ElectionEntry(name: pair[0], data: Array(pair[1].utf8))
            example.shard.content.withLock { $0.election = ($0.election ?? []) + [entry] }
        case "state":
            try edit(argument, in: example.shard)
        case "sitter":
            let pair = argument.split(separator: " ").map(String.init)
            let behaviour = try #require(FakeLocalPeer.Behaviour(rawValue: pair[1]), "\(argument)")
            example.localPeer = FakeLocalPeer(pair[0], behaviour)
        case "bar":
            example.showsProgress = true
        case "snapshots":
            #expect(argument == "copied", "\(name): \(argument)")
            example.snapshots.losesAtomicity()
        case "config":
            let data = Array(argument.replacing("\\n", with: "\n").utf8)
            example.shard.content.withLock { content in
                content.configuration = StoredConfiguration(
                    data: data,
                    version: StateVersion(3),
                    path: FakeShard.configurationPath
                )
            }
        case "runs":
            let words = argument.split(separator: " ").map(String.init)
            let isWaiting = words.last == "pending"
            for pair in words.dropFirst() where pair != "pending" {
                let parts = pair.split(separator: "=").map(String.init)
                example.parameters.set(words[0], parts[0], to: parts[1], isWaiting: isWaiting)
            }
        case "tells":
            let pair = argument.split(separator: " ", maxSplits: 1).map(String.init)
            let earlier = example.roleChanges[pair[0]].map { $0 + "," } ?? ""
            example.roleChanges[pair[0]] = pair.count > 1 ? earlier + pair[1] : ""
        case "follows":
            let words = argument.split(separator: " ", maxSplits: 2).map(String.init)
            example.configurations[words[0]] = ConfigurationStatus(
                version: Int64(words[1]) ?? 0,
                problem: words.count > 2 ? words[2] : nil,
                detection: FailureDetection()
            )
        case "typed":
            example.typed = argument.replacing("\\n", with: "\n")
        case "file":
            let pair = argument.split(separator: " ", maxSplits: 1).map(String.init)
            example.files[pair[0]] = pair[1].replacing("\\n", with: "\n")
        case "env":
            let pair = argument.split(separator: "=", maxSplits: 1).map(String.init)
            example.environment[pair[0]] = pair.count > 1 ? pair[1] : ""
        default:
            Issue.record("\(name): unknown verb \(verb)")
        }
    }
}

extension Transcript {
    private func edit(_ argument: String, in shard: FakeShard) throws {
        let pair = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard pair.count == 2 else {
            shard.content.withLock { $0.state = nil }
            return
        }
        let stored = try #require(shard.content.withLock { $0.state })
        guard case .object(var fields) = try JSONText.parse(stored.data, document: name) else {
            Issue.record("\(name): no state to edit")
            return
        }
        fields[pair[0]] = try JSONText.parse(Array(pair[1].utf8), document: name)
        let data = JSONText.write(.object(fields))
        shard.content.withLock { $0.state?.data = data }
    }
}

@Suite("The tool, as operators see it")
struct TranscriptTests {
    @Test(arguments: try Transcript.all())
    func `prints what the transcript says`(transcript: Transcript) async throws {
        let seen = try await transcript.replay()
        if ProcessInfo.processInfo.environment["MANATEE_REWRITE"] == "1" {
            try Data(seen.utf8).write(to: transcript.url)
        }
        #expect(seen == (try transcript.read()))
    }

    @Test func `is covered command by command`() throws {
        let covered = Set(try Transcript.all().flatMap { try $0.commands().compactMap(\.first) })
        #expect(Set(AdmCommand.commandNames).subtracting(covered).isEmpty)
    }
}
