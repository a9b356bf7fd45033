import Foundation
import Logging
import ManateeLocal
import Testing
import ZooKeeperClient

/// The ZooKeeper servers that a suite's tests share.
struct RunningStore: Sendable {
    @TaskLocal static var current: RunningStore?

    let ensemble: ZooKeeperEnsemble

    /// The store of the suite that is running.
    static func shared() throws -> RunningStore {
        try #require(current, "the suite lacks the trait .zooKeeper(servers:)")
    }

    /// A configuration for short tests.
    func configuration(
        chroot: String = "",
        timeout: Duration = .seconds(4)
    ) throws -> ZooKeeperConfiguration {
        var configuration = try ZooKeeperConfiguration(ensemble.connectionString + chroot)
        configuration.sessionTimeout = timeout
        return configuration
    }

    /// Runs `body` with a session of its own.
    @discardableResult
    func withClient<Value: Sendable>(
        timeout: Duration = .seconds(4),
        _ body: (ZooKeeperClient) async throws -> Value
    ) async throws -> Value {
        try await ZooKeeperClient.withClient(
            configuration(timeout: timeout),
            logger: .quiet,
            body: body
        )
    }
}

/// Starts ZooKeeper servers before a suite, and stops them behind it.
struct ZooKeeperTrait: SuiteTrait, TestScoping {
    var servers: Int

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let ensemble = try ZooKeeperEnsemble(
                count: servers,
                directory: directory,
                installation: .find()
            ) { settings in
                settings.properties["forceSync"] = "no"
                // A member without a quorum serves those who are content with reading.
                settings.systemProperties["readonlymode.enabled"] = "true"
            }
            do {
                try await ensemble.start()
                let store = RunningStore(ensemble: ensemble)
                try await RunningStore.$current.withValue(store) {
                    try await function()
                }
            } catch {
                await ensemble.stop()
                throw error
            }
            await ensemble.stop()
        }
    }
}

extension Trait where Self == ZooKeeperTrait {
    /// Real ZooKeeper servers, shared by the tests of a suite.
    static func zooKeeper(servers: Int) -> Self { Self(servers: servers) }
}

/// Runs `body` with a directory that is removed behind it.
func withTemporaryDirectory<Value>(
    _ body: (String) async throws -> Value
) async throws -> Value {
    let directory = FileManager.default.temporaryDirectory
        .appending(path: "manatee-zk-\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer {
        // What cannot be removed is left to the system's cleaning of temporary files.
        try? FileManager.default.removeItem(atPath: directory)
    }
    return try await body(directory)
}

/// Waits until `condition` holds.
///
/// - Throws: If it does not within `patience`.
func eventually(
    _ what: Comment,
    within patience: Duration = .seconds(15),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now.advanced(by: patience)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, what, sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// The error that `body` ends with.
func failure<Value>(
    sourceLocation: SourceLocation = #_sourceLocation,
    of body: () async throws -> Value
) async throws -> ZooKeeperError {
    try #require(
        await #expect(throws: ZooKeeperError.self, sourceLocation: sourceLocation) {
            _ = try await body()
        },
        sourceLocation: sourceLocation
    )
}

extension Logger {
    /// Says nothing: the tests look at states and errors.
    static var quiet: Logger { Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() } }
}
