import Foundation

/// Follows the restores of one peer by its `/restore`.
struct RestoreWatch: Sendable {
    let shard: DevShard
    let receiver: Int
    private var before: String?
    private var pages: [RestorePage] = []

    /// A watch over the peer `receiver`, counted from 1.
    init(shard: DevShard, receiver: Int) {
        self.shard = shard
        self.receiver = receiver
    }

    /// How many copies were begun.
    var attempts: Int { Set(pages.map(\.uuid)).count }

    /// Notes the last copy from before.
    mutating func begin() async {
        before = await read()?.uuid
    }

    /// Waits until a new copy has come so far, 0 to 1, or is complete.
    mutating func reach(_ fraction: Double) async throws -> RestorePage {
        try await Waiting.until(
            "a copy to come to \(Int(fraction * 100)) percent",
            within: RestoreChaos.returnLimit,
            every: .milliseconds(20),
            tail: { LogTail.text([shard.directory.logFile(receiver)]) },
            {
                guard let page = await look() else { return .notYet("no copy") }
                let isThere = (page.fraction ?? 0) >= fraction && fraction < 1
                return isThere || page.outcome == true ? .there(page) : .notYet("\(page)")
            }
        )
    }

    /// Waits until the peer has done what it was asked: its new copy streams.
    mutating func end() async throws {
        let request = shard.settings.rebuildRequest(receiver, in: shard.directory)
        try await Waiting.until(
            "the peer \(receiver) to stream its new copy",
            within: RestoreChaos.returnLimit,
            tail: { LogTail.text([shard.directory.logFile(receiver)]) },
            {
                let page = await look()
                return FileManager.default.fileExists(atPath: request)
                    ? .notYet("\(page.map { "\($0)" } ?? "no copy")") : .there(())
            }
        )
        _ = await look()
    }

    /// Whether the copy that `page` shows never went back, and arrived.
    func wentOn(from page: RestorePage) -> Bool {
        let same = pages.filter { $0.uuid == page.uuid }
        let counts = same.map(\.completed)
        return attempts == 1 && same.last?.outcome == true && counts == counts.sorted()
    }

    private mutating func look() async -> RestorePage? {
        guard let page = await read(), page.uuid != before else { return nil }
        pages.append(page)
        return page
    }

    private func read() async -> RestorePage? {
        await RestorePage.read(port: shard.settings.ports.peers[receiver - 1].status)
    }
}
