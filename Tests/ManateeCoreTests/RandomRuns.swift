import ManateeCore

/// A small generator, so that a seed names a run for ever (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// What must hold whatever happens; fed with each event and the machine's answer.
final class Invariants {
    private(set) var violations: [String] = []

    private var connected = false
    private var outstanding: Attempt?
    private var held = false
    private var syncHeard = false
    /// The last state that the store showed.
    private var shown: VersionedState?
    /// The version that a declaration in flight expects.
    private var inFlight: Declaration = .none
    private var writing: (attempt: Attempt, state: ClusterState)?

    private enum Declaration: Equatable {
        case none
        case expecting(StateVersion)
    }

    /// A new process: effects of the old one are gone, but not what it may have written.
    func restarted(remembering memory: PeerMemory) {
        connected = false
        outstanding = nil
        held = false
        syncHeard = false
        writing = nil
        if let adopted = memory.adopted, let proposed = memory.proposed,
            proposed != adopted.state
        {
            inFlight = .expecting(adopted.version)
        } else {
            inFlight = .none
        }
    }

    func check(_ event: PeerEvent, _ actions: [PeerAction]) {
        note(event)
        for action in actions { check(action) }
    }

    private func note(_ event: PeerEvent) {
        switch event {
        case .storeConnected(let view):
            connected = true
            see(view.state)
        case .storeDisconnected:
            connected = false
        case .clusterStateChanged(let state):
            see(state)
        case .stateRead(_, .success(let state)):
            see(state)
            inFlight = .none
        case .stateWritten(let attempt, let outcome):
            guard let writing, attempt == writing.attempt else { return }
            self.writing = nil
            switch outcome {
            case .written(let version):
                inFlight = .none
                see(VersionedState(writing.state, version: version))
            case .conflict, .failed:
                // A write that seals an older one leaves that in flight.
                if writing.state.generation != shown?.state.generation { inFlight = .none }
            case .unknown: break
            }
        case .acknowledgementsStopped(let attempt, let result):
            end(attempt)
            if case .success = result { held = true }
        case .handoverPrepared: break
        case .postgresConfigured(let attempt, _):
            end(attempt)
        case .started, .clusterStateUnreadable, .activePeersChanged, .remembered, .stateRead,
            .postgresLost, .postgresHung, .postgresRestarting, .postgresAnswers, .detectionChanged,
            .observed,
            .writesOpened, .gateOrdered, .timerFired:
            break
        case .syncHeard(let isHeard):
            syncHeard = isHeard
        }
    }

    private func see(_ state: VersionedState?) {
        if let state, let shown, state.version < shown.version { return }
        shown = state ?? shown
        if case .expecting(let version) = inFlight, let state, state.version != version {
            inFlight = .none
        }
    }

    private func end(_ attempt: Attempt) {
        expect(outstanding == attempt, "the end of \(attempt) was not waited for")
        outstanding = nil
    }

    private func check(_ action: PeerAction) {
        switch action {
        case .configurePostgres(let attempt, let target):
            expect(outstanding == nil, "two postgres effects at once")
            outstanding = attempt
            held = false
            expect(
                inFlight == .none,
                "S3: \(target) while a declaration is in flight"
            )
            if case .primary = target {
                expect(shown?.state.finalPosition == nil, "R86: primary again, but handed over")
            }
        case .stopAcknowledgements(let attempt, _):
            expect(outstanding == nil, "two postgres effects at once")
            expect(connected, "S10: replication is touched without the store")
            outstanding = attempt
        case .writeState(let attempt, let state, let expecting):
            checkWrite(attempt, state, expecting)
        case .cancelConfiguration(let attempt):
            expect(outstanding == attempt, "nothing to cancel")
        case .fail(let reason):
            expect(false, "ended: \(reason)")
        case .orderGate(_, .shut):
            expect(!syncHeard, "S10: the gate is shut although the sync is heard")
        case .remember, .readState, .prepareHandover, .orderGate(_, .release), .startTimer, .watch,
            .speak, .report:
            break
        }
    }

    private func checkWrite(
        _ attempt: Attempt,
        _ new: ClusterState,
        _ expecting: StateVersion?
    ) {
        writing = (attempt, new)
        expect(connected, "S10: a write without the store")
        expect(new.problems.isEmpty, "an impossible state: \(new.problems)")
        guard let old = shown else {
            return expect(expecting == nil && new.primary == World.n1, "S2: setup for another peer")
        }
        expect(expecting == old.version, "S1: expects \(String(describing: expecting))")
        expect(new.freeze == old.state.freeze, "S11: the freeze is lost")
        expect(new.unknownFields == old.state.unknownFields, "S11: unknown fields are lost")
        if new.generation == old.state.generation {
            expect(new.primary == old.state.primary, "S1: a new primary in the same generation")
            expect(new.sync == old.state.sync, "S1: a new sync in the same generation")
            expect(new.initWAL == old.state.initWAL, "S3: a new start in the same generation")
            if new.finalPosition != nil, old.state.finalPosition == nil {
                expect(held, "R83: the log of a running primary has no end")
                inFlight = .expecting(old.version)
            }
        } else {
            expect(new.generation == old.state.generation.next, "a generation is left out")
            expect(new.primary == World.n1, "S2: declared for another peer")
            let declarers = [old.state.primary, old.state.sync]
            expect(declarers.contains(World.n1), "S2: neither primary nor sync declares")
            let isDeposed = new.deposed.contains(old.state.primary)
            let hasHandedOver = old.state.finalPosition != nil
            expect(isDeposed || hasHandedOver || old.state.primary == World.n1, "R42")
            expect(new.handover == nil, "R81: a handover outlives its generation")
            expect(old.state.freeze == nil, "S11: a new generation in a frozen shard")
            expect(held, "S3: acknowledgements were not stopped")
            expect(new.promote == nil, "R67: a request outlives its generation")
            expect(!new.oneNodeWriteMode, "R50: a new generation in one-node-write mode")
            expect(inFlight == .none, "two declarations in flight")
            inFlight = .expecting(old.version)
        }
    }

    private func expect(_ holds: Bool, _ violation: @autoclosure () -> String) {
        if !holds { violations.append(violation()) }
    }
}

/// A world in which anything legal may happen at any time.
struct RandomRun {
    let seed: UInt64
    private var generator: SeededGenerator
    private var world = World()
    private let invariants = Invariants()
    private var script: [String] = []

    init(seed: UInt64) {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
    }

    /// Runs, heals, and returns what went wrong, with the script that led there.
    ///
    /// `observe` is called with each event and the machine after it.
    mutating func run(
        steps: Int,
        observe: ((PeerEvent, PeerMachine) -> Void)? = nil
    ) -> [String] {
        world.watch = { [invariants] in invariants.check($0, $1) }
        world.observe = observe
        do {
            try prepare()
            for _ in 0..<steps { try step() }
            try heal()
        } catch {
            return ["\(error)"] + script
        }
        return invariants.violations.isEmpty ? [] : invariants.violations + script
    }

    private mutating func perform(_ verb: String) throws {
        script.append(verb)
        if verb == "startPeer" { invariants.restarted(remembering: world.memory) }
        try world.execute(verb)
    }

    private mutating func prepare() throws {
        let settings = [
            ["addpeer n1 n2 n3 n4"],
            ["addpeer n1 n2 n3 n4", "bootstrap"],
            ["addpeer n2 n1 n3 n4", "bootstrap"],
            ["addpeer n2 n3 n1 n4", "bootstrap"],
            ["addpeer n1 n2 n3 n4", "bootstrap", "depose"],
            ["addpeer n1 n2 n3", "disk database", "setstate primary=n1 sync=n2 async=n3 field=x"],
            ["addpeer n1 n2 n3", "disk database", "setstate primary=n1 oneNodeWrite field=x"],
        ]
        for verb in settings[Int.random(in: 0..<settings.count, using: &generator)] {
            try perform(verb)
        }
        try perform("startPeer")
    }

    private mutating func step() throws {
        let peer = "n\(Int.random(in: 2...5, using: &generator))"
        let isPresent = world.activePeers.contains(World.peer(peer))
        let state = world.stored?.state
        switch Int.random(in: 0..<34, using: &generator) {
        case 0...5: try perform("\(isPresent ? "rmpeer" : "addpeer") \(peer)")
        case 6...8: try perform("wait 1")
        case 9:
            if state != nil { try perform(state?.freeze == nil ? "freeze x" : "unfreeze") }
        case 10: if let state, state.sync != nil, !state.async.isEmpty { try perform("depose") }
        case 11:
            if let state, let other = state.deposed.first(where: { $0 != World.n1 }) {
                try perform("reap \(other)")
            }
        case 12: try perform(world.isStoreUp ? "stopStore" : "startStore")
        case 13: if world.isStoreUp { try perform("loseReply applied") }
        case 14: if world.isStoreUp { try perform("loseReply dropped") }
        case 15: try perform("failWrite no quota")
        case 16: try perform("failRead connection lost")
        case 17: try perform("failMemory no space")
        case 18: try perform("failStop no answer")
        case 19: try perform("failPostgres no start")
        case 20: try perform(world.running == .stopped ? "wait 1" : "losePostgres crashed")
        case 21, 22:
            let kind = World.Pausable.allCases[Int.random(in: 0..<3, using: &generator)]
            try perform("\(world.paused.contains(kind) ? "resume" : "pause") \(kind.rawValue)")
        case 23: try perform(world.watchesWork ? "deaf" : "hearing")
        case 24:
            if state != nil { try perform("race freeze late") }
        case 25, 26: if let state { try perform(promotion(in: state)) }
        case 32, 33:
            if state?.finalPosition != nil, state?.async.isEmpty == false {
                try perform("declare")
            } else if let state, state.sync == World.n1 {
                try perform("handover at=\(world.log.end.lsn)@\(world.log.end.timeline)")
            }
        case 29, 30: try perform(world.isSyncAttached ? "loseSync" : "hearSync")
        case 31: try perform("failGate a session is left")
        case 27: try perform("stepClock \(Int.random(in: -40...40, using: &generator))")
        default:
            try perform(world.machine == nil ? "startPeer" : "killPeer")
            try perform("ghosts")
        }
    }

    /// A request to promote, most of the time one that can be carried out.
    private mutating func promotion(in state: ClusterState) -> String {
        let candidates = (state.sync.map { [$0] } ?? []) + state.async
        let place = Int.random(in: 0...candidates.count, using: &generator)
        guard place < candidates.count else { return "promote nonsense" }
        let generation = state.generation.number + (Int.random(in: 0..<5, using: &generator) / 4)
        let role = place == 0 ? "role=sync" : "role=async asyncIndex=\(place - 1)"
        let end = Int.random(in: -1...20, using: &generator)
        return "promote id=\(candidates[place]) \(role) generation=\(generation) expireIn=\(end)"
    }

    /// Ends all faults, and expects the peer to come to what the state says.
    private mutating func heal() throws {
        world.faults = World.Faults()
        if world.machine == nil { try perform("startPeer") }
        if !world.isStoreUp { try perform("startStore") }
        if !world.isSyncAttached { try perform("hearSync") }
        if !world.watchesWork { try perform("hearing") }
        for kind in World.Pausable.allCases where world.paused.contains(kind) {
            try perform("resume \(kind.rawValue)")
        }
        for name in ["n1", "n2", "n3", "n4", "n5"]
        where !world.activePeers.contains(World.peer(name)) {
            try perform("addpeer \(name)")
        }
        if world.stored?.state.freeze != nil { try perform("unfreeze") }
        try perform("wait 30")
        guard let view = world.machine?.view else { throw Misuse("not running at the end") }
        guard !world.isEndless else { throw Misuse("events without end at one moment") }
        guard view.pending.isEmpty else { throw Misuse("still pending: \(view.pending)") }
        guard view.state == world.stored else {
            throw Misuse(
                "follows \(world.rendered(view.state)), not \(world.rendered(world.stored))"
            )
        }
        guard let state = world.stored?.state else { return }
        let wish = state.postgresConfiguration(
            of: World.n1.id,
            among: world.activePeers,
            rejoin: .automatic
        )
        guard world.running == wish else {
            throw Misuse("postgres is \(world.rendered(world.running)), not \(wish)")
        }
        guard !world.isGateHeld else { throw Misuse("the gate is held shut") }
        guard view.role != .deposed else { throw Misuse("still deposed") }
        guard view.role != .primary || state.handover == nil else {
            throw Misuse("a handover is still there: \(world.rendered(state))")
        }
        guard view.role != .primary || state.promote == nil else {
            throw Misuse("a request is still there: \(world.rendered(state))")
        }
        guard view.role != .primary || !state.oneNodeWriteMode else {
            throw Misuse("still in one-node-write mode")
        }
    }
}
