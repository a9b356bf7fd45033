import ManateePorts

/// Hooks that record what they are told, and end as they are told.
actor ScriptedHooks: HookRunner {
    private(set) var told: [HookNotice] = []
    private let results: [HookEvent: HookResult]
    private let hangs: Bool

    init(_ results: [HookEvent: HookResult] = [:], hangs: Bool = false) {
        self.results = results
        self.hangs = hangs
    }

    var events: [HookEvent] { told.map(\.event) }

    func run(_ notice: HookNotice) async -> HookResult? {
        told.append(notice)
        if hangs {
            let never = AsyncStream<Never> { _ in }
            for await _ in never {}
            return HookResult(.cancelled)
        }
        return results[notice.event]
    }
}
