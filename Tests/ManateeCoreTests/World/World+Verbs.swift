import ManateeCore

/// The verbs of the transcripts.
extension World {
    /// Carries out one line and everything that follows from it.
    mutating func execute(_ line: some StringProtocol) throws {
        let words = line.split(separator: " ").map { Substring($0) }
        try run(words)
        settle()
    }

    mutating func run(_ words: [Substring]) throws {
        guard let verb = words.first else { throw Misuse("an empty line is no verb") }
        let arguments = Array(words.dropFirst())
        let text = arguments.joined(separator: " ")
        switch verb {
        case "startPeer": try startPeer(arguments)
        case "killPeer": end()
        case "addpeer": try addPeer(arguments)
        case "rmpeer": try removePeer(arguments)
        case "bootstrap": try bootstrap(arguments)
        case "setstate": try setState(arguments)
        case "depose": try depose()
        case "rebuild": try rebuild(arguments)
        case "reap": try edit { $0.deposed.removeAll { $0.id.text == text } }
        case "freeze": try edit { $0.freeze = .explained(["reason": .string(text)]) }
        case "promote": try promote(arguments)
        case "handover": try handover(arguments)
        case "declare": try declare()
        case "stepClock": try stepClock(arguments)
        case "unfreeze": try edit { $0.freeze = nil }
        case "catchUp": try catchUp()
        case "disk": try prepareDisk(arguments)
        case "wait": try wait(arguments)
        case "show": output.append(contentsOf: summary())
        case "stopStore":
            isStoreUp = false
            if machine != nil { disconnect() }
        case "startStore":
            isStoreUp = true
            if machine != nil { connect() }
        case "wipeStore":
            stored = nil
            tellState()
        case "unreadable": queue.append(.clusterStateUnreadable(text))
        case "deaf": watchesWork = false
        case "hearing":
            watchesWork = true
            tellState()
        case "loseReply": faults.writes.append(.repliesLost(applied: text == "applied"))
        case "ghosts": receiveGhosts()
        case "race": faults.writes.append(.overtaken(by: arguments))
        case "failWrite": faults.writes.append(.fails(text))
        case "failRead": faults.reads.append(text)
        case "failMemory": faults.memories.append(text)
        case "failStop": faults.stops.append(PostgresFailure(.other, text))
        case "failPrepare": faults.preparations.append(PostgresFailure(.other, text))
        case "failGate": faults.gates.append(text)
        case "loseSync":
            isSyncAttached = false
            tellSync(isHeard: false)
        case "hearSync":
            isSyncAttached = true
            if case .primary(let primary) = running { tellSync(isHeard: primary.sync != nil) }
        case "failPostgres": faults.postgres.append(PostgresFailure(.other, text))
        case "foreignDatabase": faults.postgres.append(PostgresFailure(.foreignDatabase, text))
        case "losePostgres": queue.append(.postgresLost(text))
        case "hangPostgres": queue.append(.postgresHung(text))
        case "restartPostgres": queue.append(.postgresRestarting(text))
        case "postgresAnswers": queue.append(.postgresAnswers)
        case "beat": try beat(arguments)
        case "mute": mute(arguments)
        case "die": die(arguments)
        case "sleepThrough": try sleepThrough(arguments)
        case "loseSitter": loseSitter(arguments)
        case "pause": paused.insert(try pausable(arguments))
        case "resume": resume(try pausable(arguments))
        default: throw Misuse("unknown verb \(verb)")
        }
    }

    // MARK: n1's process

    private mutating func startPeer(_ options: [Substring]) throws {
        guard machine == nil else { throw Misuse("n1 runs already") }
        machine = PeerMachine(
            PeerMachine.Configuration(
                peer: World.n1,
                mode: options.contains("oneNodeWrite") ? .oneNodeWrite : .replicated,
                rejoin: options.contains("manual") ? .manual : .automatic
            )
        )
        queue.append(.started(memory, inventory))
        guard isStoreUp else { return }
        if !activePeers.contains(World.n1) { activePeers.append(World.n1) }
        connect()
    }

    private mutating func resume(_ kind: Pausable) {
        paused.remove(kind)
        for action in waiting.removeValue(forKey: kind) ?? [] { carryOut(action) }
    }

    /// What an ended process had sent arrives at last.
    private mutating func receiveGhosts() {
        for case .writeState(_, let state, let expecting) in ghosts
        where stored?.version == expecting {
            put(state)
            tellState()
        }
        ghosts = []
    }

    private func pausable(_ arguments: [Substring]) throws -> Pausable {
        guard let kind = Pausable(rawValue: arguments.joined()) else {
            throw Misuse("nothing to pause is called \(arguments)")
        }
        return kind
    }

    private mutating func wait(_ arguments: [Substring]) throws {
        settle()
        if let word = arguments.first, word.hasSuffix("ms"), let count = Int(word.dropLast(2)) {
            return wait(.milliseconds(count))
        }
        guard let seconds = arguments.first.flatMap({ Int($0) }) else {
            throw Misuse("wait SECONDS, or wait NUMBERms")
        }
        wait(.seconds(seconds))
    }

    private mutating func prepareDisk(_ arguments: [Substring]) throws {
        switch arguments.first {
        case "empty": inventory = .empty
        case "database": inventory = .database(World.database)
        case "foreign": inventory = .database(SystemIdentifier(666))
        case "forgetful": memory = PeerMemory()
        case "log": log = try sample(arguments.dropFirst().joined())
        default: throw Misuse("disk empty|database|foreign|forgetful|log LSN@TIMELINE")
        }
    }

    func sample(_ text: String) throws -> WALSample {
        let parts = text.split(separator: "@")
        guard parts.count == 2, let lsn = LSN(parts[0]), let timeline = UInt32(parts[1]) else {
            throw Misuse("\(text) is not LSN@TIMELINE")
        }
        return WALSample(end: WALPosition(timeline: TimelineID(timeline), lsn: lsn))
    }

    private mutating func catchUp() throws {
        guard let state = stored?.state, let start = state.start else {
            throw Misuse("nothing to catch up with")
        }
        let end = LSN(start.lsn.bytes + 0xA)
        log = WALSample(
            end: WALPosition(timeline: max(shardTimeline, start.timeline), lsn: end),
            history: shardHistory
        )
    }

    /// The timeline on which the shard's primary writes.
    private var shardTimeline: TimelineID {
        TimelineID((shardHistory.switches.last?.timeline.number ?? 0) + 1)
    }

    // MARK: The others

    private mutating func addPeer(_ names: [Substring]) throws {
        for name in names {
            let peer = World.peer(name)
            guard !activePeers.contains(peer) else { throw Misuse("\(name) is present") }
            activePeers.append(peer)
            tellPeers()
            guard let state = stored?.state, let sync = state.sync,
                !state.chain.contains(peer), !state.deposed.contains(peer),
                state.primary != World.n1, sync != peer
            else { continue }
            try edit { $0.async.append(peer) }
        }
    }

    private mutating func removePeer(_ names: [Substring]) throws {
        for name in names {
            let peer = World.peer(name)
            guard activePeers.contains(peer) else { throw Misuse("\(name) is not present") }
            activePeers.removeAll { $0 == peer }
        }
        tellPeers()
    }

    /// The others, or n1 in an earlier life, set the shard up.
    private mutating func bootstrap(_ names: [Substring]) throws {
        guard stored == nil else { throw Misuse("there is a state already") }
        let first = names.first.map { World.peer($0) } ?? activePeers.first
        let rest = activePeers.filter { $0 != first }
        let second = names.count > 1 ? World.peer(names[1]) : rest.first
        guard let first, let second else { throw Misuse("two peers are needed") }
        if first == World.n1 { inventory = .database(World.database) }
        put(
            ClusterState(
                generation: Generation(1),
                primary: first,
                sync: second,
                async: rest.filter { $0 != second },
                deposed: [],
                initWAL: .zero,
                initTimeline: TimelineID(1)
            )
        )
        tellState()
    }

    /// The sync takes over, in a world without n1's help.
    private mutating func depose() throws {
        let timeline = shardTimeline
        try edit { state in
            guard let sync = state.sync, let candidate = state.async.first else {
                throw Misuse("nobody can take over")
            }
            state.deposed.append(state.primary)
            state.primary = sync
            state.sync = candidate
            state.async.removeFirst()
            state.generation = state.generation.next
            state.initWAL = LSN(state.initWAL.bytes + 0xA)
            state.initTimeline = timeline
        }
        let end = stored?.state.initWAL ?? .zero
        shardHistory.switches.append(.init(timeline: timeline, end: end))
    }

    private mutating func rebuild(_ names: [Substring]) throws {
        for name in names {
            let peer = World.peer(name)
            try edit { state in
                state.deposed.removeAll { $0 == peer }
                if state.primary != World.n1 { state.async.append(peer) }
            }
        }
    }

    /// `setstate generation=1 primary=n1 sync=- async=n2,n3 deposed=- start=0/A@1 oneNodeWrite
    /// frozen field=NAME promote`, as a tool or another peer would write it; `promote` asks for the
    /// sync.
    private mutating func setState(_ words: [Substring]) throws {
        var fields: [Substring: Substring] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1)
            fields[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        func peers(_ name: Substring) -> [Peer] {
            (fields[name] ?? "-").split(separator: ",").filter { $0 != "-" }.map(World.peer)
        }
        guard let primary = peers("primary").first else { throw Misuse("primary is missing") }
        let start = (fields["start"] ?? "0/0@1").split(separator: "@")
        var state = ClusterState(
            generation: Generation(fields["generation"].flatMap { Int($0) } ?? 1),
            primary: primary,
            sync: peers("sync").first,
            async: peers("async"),
            deposed: peers("deposed"),
            initWAL: LSN(start[0]) ?? .zero,
            initTimeline: start.count > 1 ? UInt32(start[1]).map { TimelineID($0) } : nil
        )
        state.oneNodeWriteMode = fields["oneNodeWrite"] != nil
        if fields["frozen"] != nil { state.freeze = .explained(["reason": .string("a test")]) }
        if fields["promote"] != nil {
            let generation: Substring = "generation=\(state.generation)"
            let id: Substring = "id=\(state.sync?.id.text ?? "")"
            state.promote = try request([id, "role=sync", generation, "expireIn=30"])
        }
        if let name = fields["field"] { state.unknownFields[String(name)] = .integer(42) }
        put(state)
        tellState()
    }
}
