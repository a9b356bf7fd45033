import ManateeAdmin
import ManateeConfiguration
import ManateeCore
import ManateePorts
import Synchronization

/// One run of the tool in an example world.
struct Example: Sendable {
    /// The time of day there: 2015-03-18T18:40:11.095Z.
    static let now: Int64 = 1_426_704_011_095

    var environment = ["SHARD": "1.moray.example", "ZK_IPS": "127.0.0.1:2181"]
    var shard = FakeShard()
    /// Nil: it cannot be made.
    var probe: (any PostgresProbe)? = FakeProbe(sightings: [:])
    /// What the sitters answer; one that is not named hears nobody, and misses nobody.
    var sitters = FakeSitters()
    var snapshots = FakeSnapshots()
    var paths = Paths()
    var storePaths = Paths()
    var host = FakeHost()
    var files: [String: String] = [:]
    var localPeer = FakeLocalPeer()
    var parameters = FakeParameters()
    /// What the sitters at these addresses tell of their role changes; nothing: they do not answer.
    var roleChanges: [String: String] = [:]
    /// What sitters say of the configuration, by their peers' addresses; the others go by what is stored.
    var configurations: [String: ConfigurationStatus] = [:]
    /// What the operator leaves in the editor; nil: there is no terminal.
    var typed: String?
    /// Whether the operator's terminal shows a bar.
    var showsProgress = false
    /// What the operator types; nil: there is no terminal.
    var answers: [String]?
    var pause: @Sendable (Duration) async throws -> Void = { _ in }

    /// What a run left behind.
    struct Result: Equatable, Sendable {
        var standardOutput: String
        var standardError: String
        var exit: AdmExit
    }

    init() {}

    init(_ cluster: ExampleCluster) {
        probe = FakeProbe(sightings: cluster.sightings)
        parameters = FakeParameters(silent: cluster.silent)
        shard = FakeShard(Example.content(cluster))
    }

    func run(_ arguments: [String]) async -> Result {
        let output = Recording()
        let exit = await run(arguments, output)
        let channels = output.channels.withLock { $0 }
        return Result(
            standardOutput: channels.standardOutput,
            standardError: channels.standardError,
            exit: exit
        )
    }

    func run(_ arguments: [String], _ output: any AdmOutput) async -> AdmExit {
        let (shard, probe, files) = (shard, probe, files)
        let host = host
        let (paths, storePaths) = (paths, storePaths)
        let (snapshots, localPeer) = (snapshots, localPeer)
        let sitters = sitters
        let (pause, clock) = (pause, Clock())
        let (parameters, typed, roleChanges) = (parameters, typed, roleChanges)
        let configurations = configurations
        let ports = AdmPorts(
            store: { path in
                storePaths.seen.withLock { $0.append(path ?? "-") }
                return shard
            },
            probe: { path in
                paths.seen.withLock { $0.append(path ?? "-") }
                guard let probe else { throw NoSuchFile(path: path ?? "-") }
                return probe
            },
            sitters: { _ in sitters },
            inspection: { _ in host },
            host: { host },
            zoneID: { path in
                guard path != "/nowhere" else { throw NoSuchFile(path: path) }
                return "a0000004-5d5c-4c5e-8a5e-000000000004"
            },
            localPeer: { path in
                guard path != "/nowhere" else { throw NoSuchFile(path: path) }
                return localPeer
            },
            roleChanges: { peer, _ in
                guard let text = roleChanges[peer.ip] else {
                    return Array("{\"roleChanges\":[]}".utf8)
                }
                guard !text.isEmpty else {
                    throw Silent(description: "\(peer.ip):5433 does not answer")
                }
                return Array("{\"roleChanges\":[\(text)]}".utf8)
            },
            console: FakeConsole(answers, showsProgress: showsProgress, echo: output),
            storage: { path in
                guard path != "/nowhere" else { throw NoSuchFile(path: path) }
                return snapshots
            },
            inspector: { _ in snapshots },
            configuration: ConfigurationTools(
                parameters: { _ in parameters },
                sitters: { _ in FakeConfigurations(shard: shard, told: configurations) },
                document: { try ConfigurationDocumentText.value($0, file: $1) },
                editor: FakeEditor(typed: typed)
            ),
            readFile: { path in
                guard let text = files[path] else { throw NoSuchFile(path: path) }
                return Array(text.utf8)
            },
            now: { clock.now.withLock { $0 } },
            pause: { duration in
                clock.now.withLock { $0 += Int64(duration / .milliseconds(1)) }
                try await pause(duration)
            }
        )
        return await AdmCommand.run(
            arguments,
            environment: environment,
            ports: ports,
            output: output
        )
    }

    static func sequence(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 10 - digits.count) + digits
    }

    private static func content(_ cluster: ExampleCluster) -> FakeShard.Content {
        let data = Array(StateText(cluster.state).text.utf8)
        let names = cluster.sightings.keys.map(\.text).sorted()
        return FakeShard.Content(
            state: StoredState(data: data, version: StateVersion(7)),
            election: names.enumerated().map { place, name in
                ElectionEntry(
                    name: "\(name)-\(sequence(160 + place))",
                    data: Array("{\"zoneId\":\"a000000\(place + 1)\"}".utf8)
                )
            },
            history: [
                HistoryEntry(
                    name: "3-\(sequence(0))",
                    createdMilliseconds: now - 60_000,
                    data: data
                )
            ]
        )
    }
}

/// The time of day during one run: it passes only while the tool waits.
private final class Clock: Sendable {
    let now = Mutex(Example.now)
}

/// An operator who has made up his mind, at a terminal that shows what is typed.
private final class FakeConsole: AdmConsole {
    private let answers: Mutex<[String]>
    private let echo: any AdmOutput
    let isAttended: Bool
    let showsProgress: Bool

    init(_ answers: [String]?, showsProgress: Bool, echo: any AdmOutput) {
        self.answers = Mutex(answers ?? [])
        self.echo = echo
        self.showsProgress = showsProgress
        isAttended = answers != nil
    }

    func readLine() -> String? {
        let answer = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let answer else { return nil }
        // A terminal that cannot show what is typed takes the answer all the same.
        try? echo.write(answer + "\n", to: .standardError)
        return answer
    }
}

private struct Silent: Error, CustomStringConvertible {
    let description: String
}

private struct NoSuchFile: Error, CustomStringConvertible {
    let path: String

    var description: String { "\(path): no such file" }
}

/// The configurations that probes were made with.
final class Paths: Sendable {
    let seen = Mutex<[String]>([])
}

/// JSON as the first Manatee writes a state: compact, the known fields in their usual order.
struct StateText {
    private static let order = [
        "generation", "primary", "sync", "async", "deposed", "initWal", "id", "ip", "pgUrl",
        "zoneId", "backupUrl",
    ]

    let text: String

    init(_ fields: [String: JSONValue]) {
        text = Self.render(.object(fields))
    }

    private static func render(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .boolean(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .string(let text): "\"\(text)\""
        case .array(let items): "[" + items.map(render).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.sorted { place($0.key) < place($1.key) }
                .map { "\"\($0)\":\(render($1))" }.joined(separator: ",") + "}"
        }
    }

    private static func place(_ name: String) -> (Int, String) {
        (order.firstIndex(of: name) ?? order.count, name)
    }
}
