import Foundation
import ManateeCore
import ManateePorts
import Synchronization
import Testing

@testable import ManateeBackup

@Suite("Pulling a copy", .timeLimit(.minutes(2)))
struct PullTests {
    private let first = "1700000000001"
    private let second = "1700000000002"

    @Test(arguments: CopyRequest.Compression.allCases)
    func `brings a whole snapshot, and both sides know it`(
        compression: CopyRequest.Compression
    ) async throws {
        let source = FakeStorage()
        let content = bytes(3 << 20)
        source.add(first, content)
        source.add("operators", [])
        try await BackupWorld.with(source) { world in
            let target = FakeStorage()
            let told = Mutex<[CopyProgress]>([])
            let offer = try await world.pull(
                CopyRequest(compression: compression),
                into: target
            ) { progress in
                told.withLock { $0.append(progress) }
            }
            #expect(offer.snapshot.text == first)
            #expect(offer.base == nil)
            #expect(offer.size == Int64(content.count))
            #expect(target.data == content)
            let last = told.withLock { $0.last }
            #expect(last?.bytes == Int64(content.count))
            #expect(last?.total == Int64(content.count))
            try await world.settled()
            let job = try await world.get("/backup/\(offer.job)")
            #expect(job.status == 200)
            #expect(job.body["done"] == .boolean(true))
            #expect(job.body["completed"] == .string("\(content.count)"))
            #expect(job.body["size"] == .string("\(content.count)"))
        }
    }

    @Test func `brings the difference to the newest snapshot that both have`() async throws {
        let source = FakeStorage()
        source.add(first, bytes(100))
        source.add("operators", bytes(150))
        source.add(second, bytes(200))
        try await BackupWorld.with(source) { world in
            let target = FakeStorage()
            target.add(first, bytes(100))
            target.add("operators", bytes(150))
            target.add("1700000000009", bytes(7))
            let having = target.snapshots().map(\.name)
            let offer = try await world.pull(CopyRequest(having: having), into: target)
            #expect(offer.base?.text == "operators")
            #expect(target.data == bytes(200))
            #expect(target.snapshots().map(\.name.text) == [first, "operators", second])
            // Nothing is sent again.
            let again = try await world.pull(
                CopyRequest(having: target.snapshots().map(\.name)),
                into: target
            )
            #expect(again.base == again.snapshot)
            #expect(again.size == 0)
            #expect(target.data == bytes(200))
        }
    }

    @Test func `a source that cannot send differences sends everything`() async throws {
        let source = FakeStorage(differences: false)
        source.add(first, bytes(100))
        source.add(second, bytes(200))
        try await BackupWorld.with(source) { world in
            let target = FakeStorage()
            target.add(first, bytes(100))
            let having = target.snapshots().map(\.name)
            let offer = try await world.pull(CopyRequest(having: having), into: target)
            #expect(offer.base == nil)
            #expect(target.data == bytes(200))
        }
    }

    @Test func `a fresh snapshot goes with a transfer that came to nothing`() async throws {
        let source = FakeStorage()
        source.add("1700000000001", bytes(1000))
        try await BackupWorld.with(source) { world in
            let broken = FakeStorage(
                FakeStorage.Faults(receiveFails: (1, StorageFailure(.failed, "no")))
            )
            _ = await failure { try await world.pull(CopyRequest(isFresh: true), into: broken) }
            try await eventually("only the old snapshot is there") {
                source.snapshots().map(\.name.text) == ["1700000000001"]
            }
            _ = try await world.pull(CopyRequest(isFresh: true), into: FakeStorage())
            try await world.settled()
            #expect(source.snapshots().count == 2)
        }
    }

    @Test func `takes a fresh snapshot if asked to, and says when there is none`() async throws {
        let source = FakeStorage()
        source.add("operators", bytes(100))
        try await BackupWorld.with(source) { world in
            let target = FakeStorage()
            target.add(second, bytes(5))
            let none = await failure { try await world.pull(into: target) }
            #expect(none?.kind == .noSnapshot)
            #expect(target.data == bytes(5))
            let offer = try await world.pull(CopyRequest(isFresh: true), into: target)
            #expect(offer.snapshot.isOurs)
            #expect(target.data == bytes(100))
        }
    }

    @Test func `a wrong token changes nothing`() async throws {
        let source = FakeStorage()
        source.add(first, bytes(100))
        try await BackupWorld.with(source) { world in
            let target = FakeStorage()
            target.add(second, bytes(5))
            let refused = await failure {
                try await world.pull(
                    CopyRequest(isFresh: true),
                    into: target,
                    token: BackupToken()
                )
            }
            #expect(refused?.kind == .authentication)
            #expect(target.data == bytes(5))
            #expect(source.snapshots().count == 1)
            #expect(source.sent == 0)
        }
    }

    @Test func `another kind of storage or of PostgreSQL is found out before anything changes`()
        async throws
    {
        let source = FakeStorage(format: "other")
        source.add(first, bytes(100))
        try await BackupWorld.with(source) { world in
            let target = FakeStorage()
            target.add(second, bytes(5))
            let refused = await failure { try await world.pull(into: target) }
            #expect(refused?.kind == .wrongVersion)
            #expect(refused?.detail.contains("format other") == true)
            #expect(target.data == bytes(5))
        }
    }

    @Test func `too little room is found out before anything changes`() async throws {
        let source = FakeStorage()
        source.add(first, bytes(1000))
        try await BackupWorld.with(source) { world in
            let target = FakeStorage(free: 999)
            target.add(second, bytes(5))
            let refused = await failure { try await world.pull(into: target) }
            #expect(refused?.kind == .noSpace)
            #expect(target.data == bytes(5))
            try await world.settled()
        }
    }

    @Test func `a disk that fills up on the way ends the job at both sides`() async throws {
        let source = FakeStorage()
        source.add(first, bytes(20 << 20))
        try await BackupWorld.with(source) { world in
            let full = StorageFailure(.noSpace, "No space left on device")
            let target = FakeStorage(FakeStorage.Faults(receiveFails: (1 << 20, full)))
            let refused = await failure { try await world.pull(into: target) }
            #expect(refused?.kind == .noSpace)
            #expect(target.data == nil)
            try await world.settled()
            let jobs = try await world.get("/jobs").text
            #expect(jobs.contains("the receiver failed: No space left on device"))
        }
    }

    @Test func `a sender that is killed ends the job with its reason`() async throws {
        let source = FakeStorage(FakeStorage.Faults(sendFailsAfter: 1 << 20))
        source.add(first, bytes(4 << 20))
        try await BackupWorld.with(source) { world in
            let target = FakeStorage()
            let refused = await failure { try await world.pull(into: target) }
            #expect(refused?.kind == .sourceFailed)
            #expect(refused?.detail.contains("the sender was killed") == true)
            #expect(target.data == nil)
            try await world.settled()
        }
    }

    @Test func `a server that nobody reaches is told apart`() async throws {
        let source = FakeStorage()
        source.add(first, bytes(100))
        try await BackupWorld.with(source) { world in
            let target = FakeStorage()
            // Nobody listens on port 1 of the loopback address.
            let refused = await failure {
                try await world.pull(into: target, from: "http://127.0.0.1:1")
            }
            #expect(refused?.kind == .unreachable)
        }
    }

    @Test(arguments: [2000, 300_000, 2_000_000])
    func `a changed byte is refused and nothing becomes visible`(offset: Int) async throws {
        let source = FakeStorage()
        source.add(first, bytes(3 << 20))
        try await BackupWorld.with(source) { world in
            try await Relay.with(to: world.port, .flip(at: offset)) { port in
                let target = FakeStorage()
                let refused = await failure {
                    try await world.pull(into: target, from: "http://127.0.0.1:\(port)")
                }
                #expect(refused?.kind == .badStream)
                #expect(target.data == nil)
                #expect(target.snapshots().isEmpty)
            }
            try await world.settled()
        }
    }

    @Test func `a lost connection is taken up where it broke`() async throws {
        let source = FakeStorage()
        let content = bytes(12 << 20)
        source.add(first, content)
        try await BackupWorld.with(source) { world in
            try await Relay.with(to: world.port, .cut(after: 2 << 20, times: 3)) { port in
                let target = FakeStorage()
                let offer = try await world.pull(
                    into: target,
                    from: "http://127.0.0.1:\(port)"
                )
                #expect(target.data == content)
                // One job, one sender: the bytes were made once.
                let jobs = try await world.get("/jobs").text
                #expect(jobs.components(separatedBy: "\"uuid\"").count == 2)
                let job = try await world.get("/backup/\(offer.job)")
                #expect(job.body["completed"] == .string("\(content.count)"))
            }
        }
    }

    @Test func `a connection that is lost for good ends both sides`() async throws {
        let source = FakeStorage()
        source.add(first, bytes(12 << 20))
        try await BackupWorld.with(source, expiry: .seconds(3)) { world in
            try await Relay.with(to: world.port, .gone(after: 1 << 20)) { port in
                let target = FakeStorage()
                let refused = await failure {
                    try await world.pull(
                        into: target,
                        from: "http://127.0.0.1:\(port)",
                        outage: .seconds(1)
                    )
                }
                #expect(refused?.kind == .unreachable)
                #expect(target.data == nil)
            }
            try await world.settled()
        }
    }

    @Test func `a receiver that vanishes is noticed, and its job expires`() async throws {
        let source = FakeStorage()
        source.add(first, bytes(8 << 20))
        try await BackupWorld.with(source, expiry: .seconds(1)) { world in
            let begun = try await world.post("/backup", #"{"protocol":1}"#)
            #expect(begun.status == 200)
            #expect(source.holds == ["\(first)/backup.0"])
            let id = try #require(begun.body["jobid"]?.text)
            try await world.settled()
            // Looking at it would have been a sign of life; the list is none.
            let jobs = try await world.get("/jobs").text
            #expect(jobs.contains("the receiver was silent for 1.0 seconds"))
            #expect(try await world.get("/backup/\(id)").status == 500)
        }
    }

    @Test func `a receiver that only takes long keeps its job`() async throws {
        let source = FakeStorage()
        source.add(first, bytes(100))
        try await BackupWorld.with(source, expiry: .seconds(6)) { world in
            // Two and a half times what a silent receiver is given, which is enough for signs of life
            // that are late because other tests hold the threads.
            let target = FakeStorage(
                FakeStorage.Faults(afterStream: { try await Task.sleep(for: .seconds(15)) })
            )
            let offer = try await world.pull(into: target)
            #expect(try await world.get("/backup/\(offer.job)").body["done"] == .boolean(true))
        }
    }

    @Test func `a sender that takes long is not given up`() async throws {
        let source = FakeStorage(FakeStorage.Faults(sendStallsAfter: 65536))
        source.add(first, bytes(1 << 20))
        try await BackupWorld.with(source) { world in
            let target = FakeStorage()
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try await world.pull(into: target, silence: .milliseconds(1500))
                }
                group.addTask { try await Task.sleep(for: .seconds(4)) }
                // The pull is still there after more than twice its patience with silence.
                let patience = await group.nextResult()
                #expect(throws: Never.self) { try awaitResult(patience) }
                #expect(source.senders == 1)
                group.cancelAll()
                let cancelled = await group.nextResult()
                #expect(throws: CopyFailure.self) { try awaitResult(cancelled) }
            }
            // The cancelled pull told the source, which did not wait for its expiry.
            try await world.settled()
            #expect(try await world.get("/jobs").text.contains("was cancelled"))
        }
    }

    @Test func `a slow receiver slows the sender, whatever the size`() async throws {
        let source = FakeStorage()
        source.add(first, bytes(128 << 20))
        let gate = AsyncStream.makeStream(of: Void.self)
        let stopped = Mutex(false)
        try await BackupWorld.with(source) { world in
            let target = FakeStorage(
                FakeStorage.Faults(beforeChunk: {
                    let isFirst = stopped.withLock { old in
                        defer { old = true }
                        return !old
                    }
                    if isFirst { for await _ in gate.stream {} }
                })
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await world.pull(into: target) }
                // What is under way settles at what sockets, windows and pipes hold.
                var last = -1
                try await eventually("the sender pauses") {
                    defer { last = source.sent }
                    try await Task.sleep(for: .milliseconds(500))
                    return source.sent > 0 && source.sent == last
                }
                #expect(source.sent < 48 << 20)
                gate.continuation.finish()
                try await group.waitForAll()
            }
            #expect(target.data?.count == 128 << 20)
        }
    }

    @Test func `a rate that was asked for is kept`() async throws {
        let source = FakeStorage()
        source.add(first, bytes(2 << 20))
        try await BackupWorld.with(source, bytesPerSecond: 100 << 20) { world in
            let target = FakeStorage()
            let began = ContinuousClock.now
            _ = try await world.pull(CopyRequest(bytesPerSecond: 1 << 20), into: target)
            // Two seconds' worth, less what may go out at once.
            #expect(ContinuousClock.now - began > .milliseconds(1500))
        }
    }

    @Test func `more jobs than allowed are refused, and end makes room`() async throws {
        let source = FakeStorage(FakeStorage.Faults(sendStallsAfter: 0))
        source.add(first, bytes(100))
        try await BackupWorld.with(source, jobLimit: 1) { world in
            let begun = try await world.post("/backup", #"{"protocol":1}"#)
            let id = try #require(begun.body["jobid"]?.text)
            let refused = await failure { try await world.pull(into: FakeStorage()) }
            #expect(refused?.kind == .busy)
            _ = try await world.post("/backup/\(id)/verdict", #"{"received":false,"reason":"no"}"#)
            try await world.settled()
            #expect(try await world.post("/backup", #"{"protocol":1}"#).status == 200)
        }
    }

    @Test func `holds of a server that was killed go with its next start`() async throws {
        let source = FakeStorage()
        source.add(first, bytes(100))
        let name = try #require(SnapshotName(first))
        try source.hold(name, tag: "backup.0")
        try source.hold(name, tag: "backup.15")
        try source.hold(name, tag: "operators")
        try await BackupWorld.with(source) { world in
            try await eventually("its holds are gone") {
                source.holds == ["\(first)/operators"]
            }
            try source.release(name, tag: "operators")
        }
    }
}

private func awaitResult(_ result: Result<Void, any Error>?) throws { try result?.get() }
