import Glibc

/// A fault on its way: who was struck, and how it is undone.
struct Scene: Sendable {
    let system: any BenchSystem
    let fault: Fault
    let primary: Node
    let sync: Node

    /// Whose rejoining is waited for; nil if nobody leaves.
    var struck: Node? {
        switch fault {
        case .killPostgres, .killNode, .freezeNode, .partitionNode, .stopNode, .switchover,
            .crashThenNode, .killSitter:
            primary
        case .killSync, .freezeSync: sync
        case .cutLink, .storeOutage, .loseToSync, .loseToPrimary, .hideFromPrimary, .hideFromSync,
            .hideFromPair:
            nil
        }
    }

    /// Lets the fault happen.
    func strike() async throws {
        switch fault {
        case .killPostgres, .crashThenNode: primary.signalPostgres(SIGKILL)
        case .killNode: primary.signalAll(SIGKILL)
        case .killSitter: primary.signalSitter(SIGKILL)
        case .freezeNode: primary.signalAll(SIGSTOP)
        case .partitionNode: try await system.lab.isolate(primary)
        case .stopNode: try await system.stop(primary)
        case .switchover: try await system.switchOver(from: primary, to: sync)
        case .killSync: sync.signalAll(SIGKILL)
        case .freezeSync: sync.signalAll(SIGSTOP)
        case .cutLink:
            try await system.lab.lose(from: primary, to: [sync])
            try await system.lab.lose(from: sync, to: [primary])
        case .loseToSync: try await system.lab.lose(from: primary, to: [sync])
        case .loseToPrimary: try await system.lab.lose(from: sync, to: [primary])
        case .hideFromPrimary: try await system.lab.lose(from: system.lab.store, to: [primary])
        case .hideFromSync: try await system.lab.lose(from: system.lab.store, to: [sync])
        case .hideFromPair: try await system.lab.lose(from: system.lab.store, to: [primary, sync])
        case .storeOutage: try await system.killStore()
        }
    }

    /// Takes the cause away: from now on the struck peer may come back.
    func heal() async throws {
        switch fault {
        case .killPostgres, .switchover: break
        case .killNode, .killSitter, .stopNode, .crashThenNode: try await restart(primary)
        case .killSync: try await restart(sync)
        case .freezeNode: primary.signalAll(SIGCONT)
        case .freezeSync: sync.signalAll(SIGCONT)
        case .partitionNode: try await system.lab.reconnect(primary)
        case .cutLink:
            try await system.lab.deliver(from: primary)
            try await system.lab.deliver(from: sync)
        case .loseToSync: try await system.lab.deliver(from: primary)
        case .loseToPrimary: try await system.lab.deliver(from: sync)
        case .hideFromPrimary, .hideFromSync, .hideFromPair:
            try await system.lab.deliver(from: system.lab.store)
        case .storeOutage: try await system.startStore()
        }
    }

    private func restart(_ node: Node) async throws {
        if fault != .killSitter { try await node.waitUntilEmpty() }
        try await system.start(node)
    }
}
