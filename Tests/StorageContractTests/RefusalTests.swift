import Foundation
import Logging
import ManateeBackup
import ManateePorts
import Testing

extension StorageSuites {
    @Suite("What a backup server and its receivers refuse", .serialized, .timeLimit(.minutes(5)))
    struct RefusalTests {
        private let first = SnapshotName(milliseconds: 1_700_000_000_001)

        /// A server with a snapshot of `one`; `two` is a database that is to stay as it is.
        private func withServer(
            _ kind: StorageKind,
            _ body: (BackupServerHome, _ two: any DataStorage) async throws -> Void
        ) async throws {
            try await StorageWorld.with(kind) { world in
                let source = world.storage("one")
                _ = try await source.prepare(creating: true, owner: nil)
                let big = Data((0..<8 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) })
                try big.write(to: URL(filePath: source.file("big")))
                try source.write("PG_VERSION", "15\n")
                try await source.takeSnapshot(first)
                let target = world.storage("two")
                let home = try BackupServerHome(world)
                let server = try await home.start()
                try await body(home, target)
                server.terminate()
                server.waitUntilExit()
                #expect(server.terminationStatus == 0)
                #expect(try await source.snapshots().map(\.holds) == [0])
                #expect(TransferProcess.running(of: world).isEmpty)
            }
        }

        private func puller(_ token: BackupToken) -> BackupPuller {
            BackupPuller(
                token: token,
                outage: .seconds(2),
                logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
            )
        }

        @Test(arguments: StorageKind.available)
        func `a request without a token, or with another, is refused and changes nothing`(
            kind: StorageKind
        ) async throws {
            try await withServer(kind) { home, target in
                let requests = [
                    ["-X", "POST", "-d", #"{"protocol":1}"#, "\(home.url)/backup"],
                    ["\(home.url)/jobs"],
                    ["\(home.url)/backup/00000000-0000-0000-0000-000000000000/stream"],
                ]
                let wrong = String(repeating: "x", count: 40)
                for request in requests {
                    for header in ["X-None: none", "Authorization: Bearer \(wrong)"] {
                        let answer = try HostTool.run(
                            ["/usr/bin/curl", "-s", "-w", " %{http_code}", "-H", header] + request
                        )
                        #expect(answer.hasSuffix(" 401"), "\(request): \(answer)")
                        #expect(answer.contains("token"), "no reason: \(answer)")
                    }
                }
                _ = try await target.prepare(creating: true, owner: nil)
                try target.write("own", "stays")
                let failure = await #expect(throws: CopyFailure.self) {
                    try await puller(BackupToken()).pull(
                        CopyRequest(),
                        from: home.url,
                        into: target,
                        preparing: { _ in Issue.record("data was to be set aside") },
                        progress: { _ in }
                    )
                }
                #expect(failure?.kind == .authentication, "\(failure?.detail ?? "")")
                #expect(failure?.detail.contains("token") == true)
                #expect(try target.read("own") == "stays")
                #expect(try await target.isolated().isEmpty)
            }
        }

        @Test(arguments: StorageKind.available)
        func `a stream with one byte changed is refused, and nothing of it stays`(
            kind: StorageKind
        ) async throws {
            try await withServer(kind) { home, target in
                let relay = try FlippingRelay(to: home.port, changing: 3 << 20)
                defer { relay.stop() }
                let failure = await #expect(throws: CopyFailure.self) {
                    try await puller(try home.token).pull(
                        CopyRequest(),
                        from: "http://127.0.0.1:\(relay.port)",
                        into: target,
                        preparing: { _ in },
                        progress: { _ in }
                    )
                }
                #expect(relay.hasFlipped)
                #expect(failure?.kind == .badStream, "\(failure?.detail ?? "")")
                #expect(failure?.detail.contains("damaged") == true, "\(failure?.detail ?? "")")
                #expect(try await !target.exists())
                #expect(try await target.snapshots().isEmpty)
                // The same server gives a whole copy to who asks without the relay.
                _ = try await puller(try home.token).pull(
                    CopyRequest(),
                    from: home.url,
                    into: target,
                    preparing: { _ in },
                    progress: { _ in }
                )
                #expect(try await target.snapshots().map(\.name) == [first])
            }
        }
    }
}
