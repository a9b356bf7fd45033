import Foundation
import ManateePorts
import Synchronization

/// Backup servers without a network: each address stands for a storage of this process.
final class Copies: CopySource {
    /// What goes wrong with a source.
    enum Fault: Sendable {
        case refuses(CopyFailure.Kind)
        /// Sends the beginning of the stream, says so, and then nothing.
        case stalls(@Sendable () -> Void)
    }

    private struct Content {
        var storages: [String: any DataStorage] = [:]
        var faults: [String: Fault] = [:]
        var asked: [String] = []
    }

    private let content = Mutex(Content())

    func add(_ storage: any DataStorage, as url: String) {
        content.withLock { $0.storages[url] = storage }
    }

    /// What is wrong with the source from now on; nil mends it.
    func set(_ fault: Fault?, of name: String) {
        content.withLock { $0.faults["test://\(name)"] = fault }
    }

    /// Who was asked, in this order.
    var asked: [String] {
        content.withLock { $0.asked.map { String($0.dropFirst("test://".count)) } }
    }

    func pull(
        _ request: CopyRequest,
        from url: String,
        into storage: any DataStorage,
        preparing: @escaping @Sendable (CopyOffer) async throws -> Void,
        progress: @escaping @Sendable (CopyProgress) async -> Void
    ) async throws -> CopyOffer {
        let (found, fault) = content.withLock { content in
            content.asked.append(url)
            return (content.storages[url], content.faults[url])
        }
        guard let source = found else { throw CopyFailure(.unreachable, "nobody at \(url)") }
        if case .refuses(let kind) = fault { throw CopyFailure(kind, "as the test wants it") }
        let now = SnapshotName(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        try await source.takeSnapshot(now)
        let common = try await source.snapshots().map(\.name).last { request.having.contains($0) }
        let offer = CopyOffer(
            job: "job",
            snapshot: now,
            base: common,
            size: nil,
            postgresVersion: request.postgresVersion
        )
        do {
            try await copy(offer, source, fault, into: storage, preparing)
        } catch let failure as StorageFailure {
            throw CopyFailure(.storage(failure.kind), failure.detail)
        }
        await progress(CopyProgress(bytes: 1, total: 1, bytesPerSecond: 1))
        return offer
    }

    private func copy(
        _ offer: CopyOffer,
        _ source: any DataStorage,
        _ fault: Fault?,
        into storage: any DataStorage,
        _ preparing: @Sendable (CopyOffer) async throws -> Void
    ) async throws {
        let (now, common) = (offer.snapshot, offer.base)
        try await preparing(offer)
        try await source.send(now, since: common) { stream in
            if case .stalls(let stalled) = fault {
                try await storage.receive(
                    now,
                    since: common,
                    from: StalledStream(first: try await Self.first(of: stream), stalled: stalled)
                )
            } else {
                try await storage.receive(now, since: common, from: stream)
            }
        }
    }

    private static func first(of stream: some StorageStream) async throws -> [UInt8] {
        for try await chunk in stream { return chunk }
        return []
    }
}
