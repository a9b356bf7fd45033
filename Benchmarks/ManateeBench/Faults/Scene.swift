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
        case .cutLink, .storeOutage: nil
        }
    }

    /// Lets the fault happen.
    func strike() async throws {
        switch fault {
        case .killPostgres, .crashThenNode: primary.signalPostgres(SIGKILL)
        case .killNode: primary.signalAll(SIGKILL)
        case .killSitter: primary.signalDaemon(SIGKILL)
        case .freezeNode: primary.signalAll(SIGSTOP)
        case .partitionNode: try await system.lab.isolate(primary)
        case .stopNode: try await system.stop(primary)
        case .switchover: try await system.switchOver(from: primary, to: sync)
        case .killSync: sync.signalAll(SIGKILL)
        case .freezeSync: sync.signalAll(SIGSTOP)
        case .cutLink: try await system.lab.cut(primary, sync)
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
        case .cutLink: try await system.lab.splice(primary, sync)
        case .storeOutage: try await system.startStore()
        }
    }

    private func restart(_ node: Node) async throws {
        if fault != .killSitter { try await node.waitUntilEmpty() }
        try await system.start(node)
    }
}
