import Foundation
import Logging
import ManateePorts
import Testing

@testable import ManateeBackup

/// A backup server on a port of its own, while a test runs.
struct BackupWorld: Sendable {
    let url: String
    let port: Int
    let token: BackupToken
    let source: FakeStorage

    static func with(
        _ source: FakeStorage,
        jobLimit: Int = 2,
        expiry: Duration = .seconds(60),
        bytesPerSecond: Int64? = nil,
        window: FrameWindow.Limits = FrameWindow.Limits(),
        _ body: @Sendable @escaping (BackupWorld) async throws -> Void
    ) async throws {
        let token = BackupToken()
        let (ports, telling) = AsyncStream.makeStream(of: Int.self)
        let server = BackupServer(
            of: source,
            settings: BackupServer.Settings(
                address: "127.0.0.1",
                port: 0,
                jobLimit: jobLimit,
                expiry: expiry,
                bytesPerSecond: bytesPerSecond
            ),
            token: token,
            window: window,
            logger: .quiet,
            onListening: { telling.yield($0) }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask {
                let port = try #require(await ports.first { _ in true })
                let url = "http://127.0.0.1:\(port)"
                try await body(
                    BackupWorld(url: url, port: port, token: token, source: source)
                )
            }
            defer { group.cancelAll() }
            try await group.next()
        }
        #expect(source.senders == 0)
        #expect(source.holds == [])
    }

    /// Pulls as a sitter would: whole data replaces what is there.
    func pull(
        _ request: CopyRequest = CopyRequest(),
        into storage: FakeStorage,
        from other: String? = nil,
        token other2: BackupToken? = nil,
        silence: Duration = .seconds(30),
        outage: Duration = .seconds(10),
        progress: @escaping @Sendable (CopyProgress) async -> Void = { _ in }
    ) async throws -> CopyOffer {
        let puller = BackupPuller(
            token: other2 ?? token,
            silence: silence,
            outage: outage,
            logger: .quiet
        )
        return try await puller.pull(
            request,
            from: other ?? url,
            into: storage,
            preparing: { offer in
                if let base = offer.base {
                    try storage.rollBack(to: base)
                } else {
                    _ = storage.isolate(.autorebuild)
                }
            },
            progress: progress
        )
    }

    /// Waits until nothing of any transfer is left at the source.
    func settled() async throws {
        try await eventually("the source holds nothing") {
            source.senders == 0 && source.holds.isEmpty
        }
    }
}

extension Logger {
    static let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
}

/// Waits for a condition.
func eventually(
    _ what: String,
    within limit: Duration = .seconds(20),
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now.advanced(by: limit)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, "not within \(limit): \(what)")
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Bytes that look like nothing in particular, made in words: tests that wait share the threads.
func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    let words = [UInt64](unsafeUninitializedCapacity: (count + 7) / 8) { words, initialized in
        var state = seed
        var index = 0
        while index < words.count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            words[index] = state ^ (state >> 33)
            index += 1
        }
        initialized = words.count
    }
    return words.withUnsafeBytes { Array($0.prefix(count)) }
}

/// Expects a pull to fail, and returns how.
func failure(_ body: () async throws -> CopyOffer) async -> CopyFailure? {
    do {
        let offer = try await body()
        Issue.record("it did not fail, but copied \(offer.snapshot)")
        return nil
    } catch let failure as CopyFailure {
        return failure
    } catch {
        Issue.record(error)
        return nil
    }
}
