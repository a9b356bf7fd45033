import Foundation
import Glibc
import ManateeCore
import ManateeLocal
import Testing

@Suite("A shard whose primary's sitter dies alone", .serialized, .timeLimit(.minutes(5)))
struct SitterDeathTests {
    @Test func `fails no write when another sitter is started in time, as for an upgrade`()
        async throws
    {
        try await RunningShard.with(sessionTimeout: .seconds(8)) { running in
            let shard = running.shard
            let primary = try await running.primary()
            let data = shard.directory.dataDirectory(primary)
            let postmaster = ServerProcesses.postmaster(in: data)
            let before = GuardProcesses.running(for: data)
            #expect(before.count == 1)
            try await running.underLoad {
                for _ in 1...2 {
                    await shard.killSitter(primary)
                    try await running.acknowledged(100)
                    try await shard.start(primary)
                    try await shard.waitUntilHealthy(within: .seconds(30))
                    try await running.acknowledged(100)
                }
            }
            #expect(ServerProcesses.postmaster(in: data) == postmaster)
            #expect(try await shard.status().state?.generation == Generation(1))
            #expect(running.log.unknown == [])
            let after = GuardProcesses.running(for: data)
            #expect(after.count == 1 && after != before, "\(before) became \(after)")
            try await running.expectNothingLost()
            print(
                "sitter killed twice and restarted: \(running.log.acknowledged.count) writes "
                    + "acknowledged, \(running.log.unknown.count) failed, postmaster "
                    + "\(postmaster ?? 0) before and after"
            )
        }
    }

    @Test func `sees its postgres stopped, and loses nothing, when no other sitter comes`()
        async throws
    {
        try await RunningShard.with { running in
            let shard = running.shard
            let first = try await running.primary()
            let data = shard.directory.dataDirectory(first)
            try await running.underLoad {
                await shard.killSitter(first)
                try await shard.waitUntil("the sync as primary", within: .seconds(30)) {
                    $0.state?.generation == Generation(2)
                }
                try await running.acknowledged(100)
                try await Waiting.until("the end of the old postgres", within: .seconds(30)) {
                    let left = ServerProcesses.running(in: data)
                    return left.isEmpty ? .there(()) : .notYet("\(left)")
                }
                try await Waiting.until("the end of its guard", within: .seconds(10)) {
                    let left = GuardProcesses.running(for: data)
                    return left.isEmpty ? .there(()) : .notYet("\(left)")
                }
                try await shard.start(first)
                try await shard.waitUntilHealthy(within: .seconds(60))
                try await running.acknowledged(100)
            }
            try await running.expectNothingLost()
            let log = try String(
                contentsOfFile: shard.directory.logFile(first),
                encoding: .utf8
            )
            #expect(log.contains("a guard stopped postgres, because no sitter was in charge of it"))
            #expect(log.contains("the sitter is dead"))
        }
    }
}
