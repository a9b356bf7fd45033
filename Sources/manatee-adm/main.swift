import Foundation
import Glibc
import Logging
import ManateeAdmin
import ManateeConfiguration
import ManateeCore
import ManateePostgres
import ManateeStorage
import ManateeStore

// A closed pipe is told by the write that meets it, where it is no error.
signal(SIGPIPE, SIG_IGN)

let environment = ProcessInfo.processInfo.environment
// What goes wrong is told once, by the command; the store's log is for those who ask for it.
let logger = Logger(label: "manatee-adm") { label in
    var handler = StreamLogHandler.standardError(label: label)
    handler.logLevel = environment["LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0) } ?? .critical
    return handler
}

/// Nobody publishes status ports: without a configuration they are taken to be the default.
@Sendable func sitters(_ path: String?) throws -> StatusPortProbe {
    guard let path else { return StatusPortProbe(portOffset: 1) }
    return try SitterConfiguration(path, environment: environment).sitters
}

let ports = AdmPorts(
    store: { path in
        guard let path else { return ZooKeeperShards(logger: logger) }
        return try SitterConfiguration(path, environment: environment).shards(logger)
    },
    probe: { path in
        guard let path else { return MonitorProbe(environment: environment) }
        return try SitterConfiguration(path, environment: environment).probe()
    },
    sitters: { try sitters($0) },
    inspection: { try SitterConfiguration($0, environment: environment).probe() },
    host: { ThisHost(environment: environment) },
    zoneID: { try SitterConfiguration($0, environment: environment).zoneID },
    localPeer: { try SitterConfiguration($0, environment: environment).localPeer },
    roleChanges: { peer, path in
        try await SitterAddress(of: peer, portOffset: try sitters(path).portOffset)
            .get("/history?format=manatee", within: .seconds(2))
    },
    console: Terminal(),
    storage: { path in
        try StorageSettingsFile.load(path, environment: environment).storage
            .storage(logger: logger)
    },
    inspector: { path in
        let file = try StorageSettingsFile.load(path, environment: environment)
        return InterruptibleInspector(CopyCheck(binDirectory: file.binDirectory))
    },
    configuration: ConfigurationTools(
        parameters: { path in
            guard let path else { return MonitorProbe(environment: environment) }
            return try SitterConfiguration(path, environment: environment).probe()
        },
        sitters: { try sitters($0) },
        document: { try ConfigurationDocumentText.value($0, file: $1) },
        editor: OperatorEditor(environment: environment)
    ),
    readFile: { Array(try Data(contentsOf: URL(filePath: $0))) },
    now: { Int64(Date().timeIntervalSince1970 * 1000) },
    pause: { try await Task.sleep(for: $0) }
)
let outcome = await AdmCommand.run(
    Array(CommandLine.arguments.dropFirst()),
    environment: environment,
    ports: ports,
    output: StandardStreams()
)
exit(outcome.rawValue)
