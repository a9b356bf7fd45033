import Logging
import ManateeCore
import ManateePorts
import Testing

@testable import ManateeSitter

@Suite("The queue of hooks", .timeLimit(.minutes(1)))
struct HookQueueTests {
    private func queue(_ hooks: ScriptedHooks) -> HookQueue {
        HookQueue(
            runner: hooks,
            logger: Logger(label: "hooks", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    private func notice(_ event: HookEvent, _ generation: Int = 1) -> HookNotice {
        HookNotice(
            event: event,
            peer: PeerID("a:5432:12345"),
            shard: "1",
            generation: Generation(generation),
            roleBefore: .primary,
            roleAfter: .primary,
            primaryURL: nil
        )
    }

    @Test func `runs them in order, and answers who asked`() async {
        let refusal = HookResult(.exited(1))
        let hooks = ScriptedHooks([.beforeSwitchover: refusal])
        let queue = queue(hooks)
        queue.tell(notice(.roleChange))
        queue.tell(notice(.takeover))
        await withThrowingTaskGroup { group in
            group.addTask { try await queue.run() }
            #expect(await queue.ask(notice(.beforeSwitchover)) == refusal)
            #expect(await queue.ask(notice(.afterSwitchover)) == nil)
            group.cancelAll()
        }
        #expect(
            await hooks.events == [.roleChange, .takeover, .beforeSwitchover, .afterSwitchover]
        )
    }

    @Test func `is bounded, but for the end of a switchover`() async throws {
        let hooks = ScriptedHooks()
        let queue = queue(hooks)
        for number in 0..<HookQueue.capacity + 5 { queue.tell(notice(.roleChange, number)) }
        let refused = await queue.ask(notice(.beforeSwitchover))
        #expect(refused?.problem == "64 hooks are waiting already")
        queue.tell(notice(.afterSwitchover))
        try await withThrowingTaskGroup { group in
            group.addTask { try await queue.run() }
            while await hooks.events.last != .afterSwitchover {
                try await Task.sleep(for: .milliseconds(1))
            }
            group.cancelAll()
        }
        let told = await hooks.told
        #expect(told.count == HookQueue.capacity + 1)
        #expect(told.map(\.generation).dropLast() == (0..<64).map { Generation($0) }[...])
    }

    @Test func `ends while a hook hangs`() async throws {
        let hooks = ScriptedHooks(hangs: true)
        let queue = queue(hooks)
        queue.tell(notice(.roleChange))
        try await withThrowingTaskGroup { group in
            group.addTask { try await queue.run() }
            while await hooks.told.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            group.cancelAll()
        }
        #expect(await hooks.events == [.roleChange])
    }
}
