import ManateeCore

/// The verbs that are typed in.
extension Rehearsal {
    /// Carries out one line and returns what to print.
    ///
    /// - Parameter line: a verb and its arguments, separated by spaces; `help` lists them.
    /// - Returns: the lines to print; a refusal begins with `error:`.
    package mutating func execute(_ line: String) -> [String] {
        let words = line.split(separator: " ").map(String.init)
        guard let verb = words.first else { return [] }
        let arguments = Array(words.dropFirst())
        switch verb {
        case "addpeer": return add(arguments.first)
        case "rmpeer": return remove(arguments.first)
        case "bootstrap": return bootstrap(arguments)
        case "startPeer":
            guard machine == nil else { return ["error: node1 is running"] }
            start(isSingleton: arguments.first == "singleton")
        case "depose": return depose()
        case "rebuild": return rebuild(arguments.first)
        case "freeze":
            edit { $0.freeze = .explained(["note": .string("frozen by the shell")]) }
        case "unfreeze": edit { $0.freeze = nil }
        case "catchUp": return catchUp()
        case "wait":
            guard let milliseconds = arguments.first.flatMap(Int64.init) else {
                return ["error: wait MILLISECONDS"]
            }
            pass(.milliseconds(milliseconds))
        case "promote": return promote(arguments)
        case "handover": return handOver(arguments)
        case "zk": return stateLines
        case "peer": return peerLines
        case "lspeers": return peersLines
        case "ident": return identLines(arguments.first)
        case "log": return self.words
        case "echo": return [arguments.joined(separator: " ")]
        case "help": return Rehearsal.help
        case _: return ["error: there is no verb \"\(verb)\"; help lists them"]
        }
        return stateLines + peerLines
    }

    /// What each verb does, a line each.
    package static let help = [
        "startPeer [singleton]  start node1, the real peer",
        "addpeer [NAME]         a peer joins; rmpeer NAME: it leaves",
        "bootstrap [P [S]]      write generation 1 by hand",
        "depose                 the sync takes over from the primary, as others would see it",
        "rebuild NAME           a deposed peer is rebuilt",
        "catchUp                as sync, have everything that the generation began with",
        "freeze, unfreeze       order that nobody changes roles, or take it back",
        "promote NAME           ask for one place further to the front, within 30 s",
        "handover [back]        the primary has stopped for its sync (or takes that back)",
        "wait MILLISECONDS      let time pass",
        "zk, peer, lspeers, ident [NAME], log    look; echo TEXT, help, quit",
    ]

    /// `n2` is short for `node2`.
    private func fullName(_ name: String) -> String {
        guard name.hasPrefix("n"), let number = Int(name.dropFirst()) else { return name }
        return "node\(number)"
    }

    private mutating func add(_ name: String?) -> [String] {
        let name = fullName(name ?? "node\(idents.count + 1)")
        let peer = ident(name)
        guard !present.contains(peer) else { return ["error: \(name) is present"] }
        present.append(peer)
        if let shown = state?.state, let sync = shown.sync, shown.primary != own,
            !(shown.chain + shown.deposed).contains(peer), sync != peer
        {
            edit { $0.async.append(peer) }
        }
        membersChanged()
        return stateLines + peerLines
    }

    private mutating func remove(_ name: String?) -> [String] {
        guard let name = name.map(fullName),
            let peer = present.first(where: { $0.zoneID == name })
        else { return ["error: rmpeer NAME, of somebody who is present"] }
        guard peer != own else { return ["error: node1 is the peer under test"] }
        if let shown = state?.state, !shown.oneNodeWriteMode {
            if peer == shown.sync, shown.primary != own {
                return ["error: \(name) is sync, and nobody here could replace it"]
            }
            if peer == shown.primary, shown.sync != own {
                return ["error: \(name) is primary, and nobody here could take over"]
            }
        }
        present.removeAll { $0 == peer }
        membersChanged()
        return stateLines + peerLines
    }

    private mutating func bootstrap(_ names: [String]) -> [String] {
        guard state == nil, present.count >= 2 else {
            return ["error: bootstrap needs two present peers and no state"]
        }
        let named = names.map { name in present.first { $0.zoneID == fullName(name) } }
        guard let primary = named.first ?? present.first,
            let sync = named.count > 1 ? named[1] : present.first(where: { $0 != primary }),
            primary != sync
        else { return ["error: bootstrap [PRIMARY [SYNC]], of peers that are present"] }
        write(
            ClusterState(
                generation: Generation(1),
                primary: primary,
                sync: sync,
                async: present.filter { $0 != primary && $0 != sync },
                deposed: [],
                initWAL: .zero,
                initTimeline: TimelineID(1),
                timeline: TimelineID(1)
            )
        )
        edit { _ in }
        return stateLines
    }

    private mutating func depose() -> [String] {
        guard let shown = state?.state, let sync = shown.sync, let next = shown.async.first else {
            return ["error: depose needs a sync and an async"]
        }
        edit {
            $0.generation = $0.generation.next
            $0.deposed.append($0.primary)
            $0.primary = sync
            $0.sync = next
            $0.async.removeFirst()
            $0.initWAL = LSN($0.initWAL.bytes + 10)
        }
        return stateLines + peerLines
    }

    private mutating func rebuild(_ name: String?) -> [String] {
        guard let name = name.map(fullName),
            let peer = state?.state.deposed.first(where: { $0.zoneID == name })
        else { return ["error: rebuild NAME, of a deposed peer"] }
        let isOwnPrimary = state?.state.primary == own
        edit {
            $0.deposed.removeAll { $0 == peer }
            if !isOwnPrimary { $0.async.append(peer) }
        }
        return stateLines + peerLines
    }

    /// As `manatee-adm promote` does: the place is the one that the peer has now.
    private mutating func promote(_ arguments: [String]) -> [String] {
        guard let shown = state?.state, let name = arguments.first.map(fullName),
            let peer = shown.chain.first(where: { $0.zoneID == name })
        else { return ["error: promote NAME, of a peer in the chain"] }
        var request: [String: JSONValue] = [
            "id": .string(peer.id.text),
            "generation": .integer(Int64(shown.generation.number)),
            "role": .string(shown.role(of: peer.id).rawValue),
            "expireTime": .string("\(Moment(onClocks: Instant(now.duration + .seconds(30))).wall)"),
        ]
        if let index = shown.async.firstIndex(of: peer) {
            request["asyncIndex"] = .integer(Int64(index))
        }
        edit { $0.promote = .object(request) }
        return stateLines + peerLines
    }

    /// As the primary's own writes would say it.
    private mutating func handOver(_ arguments: [String]) -> [String] {
        if arguments == ["back"] {
            edit { $0.handover = nil }
            return stateLines + peerLines
        }
        guard let shown = state?.state, let sync = shown.sync, shown.primary != own else {
            return ["error: handover needs a sync, and a primary that is not node1"]
        }
        let expireTime = Moment(onClocks: Instant(now.duration + .seconds(10))).wall
        edit {
            $0.promote = nil
            $0.handover = Handover(
                from: shown.primary.id,
                to: sync.id,
                generation: shown.generation,
                expireTime: expireTime,
                final: WALPosition(
                    timeline: shown.initTimeline ?? TimelineID(1),
                    lsn: LSN(shown.initWAL.bytes + 10)
                )
            )
        }
        return stateLines + peerLines
    }

    private mutating func catchUp() -> [String] {
        guard role == .sync, let shown = state?.state else { return ["error: node1 is not sync"] }
        wal = LSN(shown.initWAL.bytes + 10)
        settle()
        return peerLines
    }

    // MARK: Looks

    private func names(_ peers: [Peer]) -> String {
        peers.isEmpty ? "-" : peers.map(\.zoneID).joined(separator: ",")
    }

    private var stateLines: [String] {
        guard let shown = state?.state else { return ["state: none; present \(names(present))"] }
        let frozen = shown.freeze == nil ? "" : " frozen"
        let mode = shown.oneNodeWriteMode ? " oneNodeWriteMode" : ""
        return [
            """
            state: g\(shown.generation) P \(shown.primary.zoneID) S \(shown.sync?.zoneID ?? "-") \
            A \(names(shown.async)) D \(names(shown.deposed)) w \(shown.initWAL)\(frozen)\(mode); \
            present \(names(present))
            """
        ]
    }

    private var peerLines: [String] {
        guard machine != nil else { return ["node1: not started"] }
        let postgres =
            switch configuration {
            case .primary(let part)?: "primary, downstream \(part.sync?.zoneID ?? "-")"
            case .standby(let part)?: "standby, upstream \(part.upstream.zoneID)"
            case .stopped?, nil: "offline"
            }
        return ["node1: \(role.rawValue); postgres \(postgres); wal \(wal)"]
    }

    private var peersLines: [String] {
        idents.map { "\($0.zoneID)\(present.contains($0) ? "" : " (absent)")" }
    }

    private func identLines(_ name: String?) -> [String] {
        guard let peer = idents.first(where: { $0.zoneID == name.map(fullName) ?? "node1" }) else {
            return ["error: nobody is called that"]
        }
        return ["\(peer.zoneID): id \(peer.id), ip \(peer.ip), pgUrl \(peer.postgresURL)"]
    }
}
