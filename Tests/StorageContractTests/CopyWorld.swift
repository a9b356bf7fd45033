import Foundation
import Logging
import ManateeBackup
import ManateePorts
import Testing

/// A backup server of one storage of a world, and a puller into another one.
struct CopyWorld: Sendable {
    let url: String
    let source: any DataStorage
    let puller: BackupPuller

    static func with(
        _ world: StorageWorld,
        expiry: Duration = .seconds(60),
        bytesPerSecond: Int64? = nil,
        _ body: @Sendable @escaping (CopyWorld) async throws -> Void
    ) async throws {
        let source = world.storage("one")
        let token = BackupToken()
        let (ports, telling) = AsyncStream.makeStream(of: Int.self)
        let logger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        let server = BackupServer(
            of: source,
            settings: BackupServer.Settings(
                address: "127.0.0.1",
                port: 0,
                expiry: expiry,
                bytesPerSecond: bytesPerSecond
            ),
            token: token,
            logger: logger,
            onListening: { telling.yield($0) }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask {
                let port = try #require(await ports.first { _ in true })
                try await body(
                    CopyWorld(
                        url: "http://127.0.0.1:\(port)",
                        source: source,
                        puller: BackupPuller(
                            token: token,
                            outage: .seconds(5),
                            logger: logger
                        )
                    )
                )
            }
            defer { group.cancelAll() }
            try await group.next()
        }
        // The server has ended: it holds nothing any more.
        #expect(try await source.snapshots().allSatisfy { $0.holds == 0 })
    }

    /// Pulls as a sitter would: what is there is set aside for a whole copy, and rolled back for a
    /// difference.
    @discardableResult
    func pull(
        _ request: CopyRequest = CopyRequest(),
        into storage: any DataStorage,
        progress: @escaping @Sendable (CopyProgress) async -> Void = { _ in }
    ) async throws -> CopyOffer {
        try await puller.pull(
            request,
            from: url,
            into: storage,
            preparing: { offer in
                if let base = offer.base {
                    try await storage.rollBack(to: base)
                } else {
                    _ = try await storage.isolate(.autorebuild)
                }
            },
            progress: progress
        )
    }

    /// Expects a pull to fail in this way, leaving nothing in `storage`.
    func expectFailure(
        _ kind: CopyFailure.Kind,
        _ request: CopyRequest = CopyRequest(),
        into storage: any DataStorage,
        progress: @escaping @Sendable (CopyProgress) async -> Void = { _ in }
    ) async throws {
        let failure = await #expect(throws: CopyFailure.self) {
            try await pull(request, into: storage, progress: progress)
        }
        #expect(failure?.kind == kind, "\(failure?.detail ?? "")")
        #expect(try await !storage.exists())
        #expect(try await storage.snapshots().isEmpty)
        try await settled()
    }

    /// Waits until the source holds nothing for anybody.
    func settled() async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        while try await source.snapshots().contains(where: { $0.holds > 0 }) {
            try #require(ContinuousClock.now < deadline, "a snapshot is still held")
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
