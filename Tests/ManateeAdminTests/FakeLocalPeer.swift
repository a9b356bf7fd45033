import ManateeAdmin
import Synchronization

/// A peer whose sitter heeds requests to rebuild one step for each look at `/restore`.
final class FakeLocalPeer: LocalPeer {
    /// How the sitter heeds a request.
    enum Behaviour: String, Sendable {
        /// It copies everything.
        case copies
        /// With `rejoin: manual`, it sets the data aside; nobody takes the peer back.
        case waits
        /// With `rejoin: manual`, it drops the request and keeps the data.
        case keepsData
        /// It drops the request of a peer that streams, and copies nothing.
        case forgets
        /// Every copy fails for want of the right token.
        case unauthorised
        /// The copy finds no room.
        case full
        /// It does not heed requests.
        case idle
        /// It does not run.
        case stopped
    }

    private struct Condition {
        var isRequested = false
        var hasDatabase = true
        var step = 0
    }

    let zoneID: String
    let shard = FakeShard.name
    let servers = "127.0.0.1:2181"
    private let behaviour: Behaviour
    private let condition = Mutex(Condition())

    init(
        _ zoneID: String = "a0000003-5d5c-4c5e-8a5e-000000000003",
        _ behaviour: Behaviour = .copies
    ) {
        self.zoneID = zoneID
        self.behaviour = behaviour
    }

    var waitsForOperator: Bool { behaviour == .waits || behaviour == .keepsData }
    var isRebuildRequested: Bool { condition.withLock { $0.isRequested } }
    var hasDatabase: Bool { condition.withLock { $0.hasDatabase } }

    func requestRebuild() throws { condition.withLock { $0.isRequested = true } }

    func restore() async throws -> RestoreProgress? {
        try RestoreProgress(answer: answer())
    }

    private func answer() throws -> [UInt8] {
        if behaviour == .stopped { throw NobodyThere() }
        let step = condition.withLock { condition in
            if condition.isRequested || condition.step > 0 { condition.step += 1 }
            return condition.step
        }
        guard step > 0 else { return body("0", #""done":true"#, 9) }
        switch behaviour {
        case .copies:
            // The request goes when the copy streams.
            if step > 4 { condition.withLock { $0.isRequested = false } }
            return body("1", "\"done\":\(step > 4)", min(step, 4))
        case .waits:
            condition.withLock {
                $0.isRequested = false
                $0.hasDatabase = false
            }
            return body("1", #""done":false"#, min(step, 4))
        case .keepsData, .forgets:
            condition.withLock { $0.isRequested = false }
            return body("0", #""done":true"#, 9)
        case .unauthorised:
            let failure = #""done":"failed","cause":"authentication","err":"the token is refused""#
            return body("\(step)", failure, 0)
        case .full:
            return body("1", #""done":"failed","cause":"noSpace","err":"no room for 4.0 GB""#, 3)
        case .idle, .stopped:
            return body("0", #""done":true"#, 9)
        }
    }

    private func body(_ id: String, _ done: String, _ gigabytes: Int) -> [UInt8] {
        Array(
            """
            {"restore":{"uuid":"\(id)","method":"whole","source":"10.0.0.1:5432:12345",\(done),
            "completed":"\(gigabytes)000000000","size":"4000000000","bytesPerSecond":50000000}}
            """.utf8
        )
    }
}

private struct NobodyThere: Error, CustomStringConvertible {
    let description = "connection refused"
}
