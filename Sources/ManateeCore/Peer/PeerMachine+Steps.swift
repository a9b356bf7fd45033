extension PeerMachine {
    /// One move of one sub-state, from the first to the second.
    enum Step {
        case life(Life, Life)
        case store(StoreLink, StoreLink)
        case standing(Standing, Standing)
        case change(Change, Change)
        case postgres(PostgresLink, PostgresLink)
        case memory(MemoryLink, MemoryLink)
        case sync(SyncLink, SyncLink)
        case gate(GateHold, GateHold)
        case role(PeerRole, PeerRole)
    }

    /// How the sub-states moved at one event, in order: the diagrams of the documentation are drawn
    /// from it, and it decides nothing.
    ///
    /// All of them are equal, so that two machines that will do the same are.
    struct Steps: Hashable {
        private(set) var taken: [Step] = []

        mutating func note(_ step: Step) { taken.append(step) }

        static func == (left: Steps, right: Steps) -> Bool { true }

        func hash(into hasher: inout Hasher) {}
    }
}
