/// What a restart must know is made durable, one save at a time.
extension PeerMachine {
    /// The memory on the disk.
    enum MemoryLink: Hashable {
        /// What is durable; nil if that is not known. Valid transitions: `.saving`.
        case idle(saved: PeerMemory?)
        /// Valid transitions: `.idle`, `.retrying`.
        case saving(Attempt, PeerMemory)
        /// The last save failed. Valid transitions: `.idle`, `.saving`.
        case retrying(PeerTimer)
    }

    /// Saves the memory if it changed; a proposal does not wait for the next retry.
    mutating func saveMemory() {
        guard case .running = life else { return }
        switch memoryLink {
        case .idle where !isMemoryOutdated:
            return
        case .idle(let saved):
            guard saved != memory else { return isMemoryOutdated = false }
        case .retrying:
            guard case .remembering = change else { return }
        case .saving:
            return
        }
        let attempt = nextAttempt()
        memoryLink = .saving(attempt, memory)
        actions.append(.remember(attempt, memory))
    }

    mutating func remembered(_ attempt: Attempt, _ failure: EffectFailure?) {
        guard case .saving(attempt, let saved) = memoryLink else { return }
        guard let failure else {
            memoryLink = .idle(saved: saved)
            return clear(.memory)
        }
        memoryLink = .retrying(startTimer(.backOff, configuration.backOff))
        report(.memoryFailed(failure))
        if case .remembering = change {
            memory.proposed = nil
            backOff(nil)
        }
    }

    mutating func memoryTimerFired(_ timer: PeerTimer) {
        guard memoryLink == .retrying(timer) else { return }
        memoryLink = .idle(saved: nil)
    }
}
