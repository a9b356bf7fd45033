import ManateeCore

/// An operator's requests to promote a peer, right and wrong ones.
extension World {
    /// Puts `promote id=n3 role=async asyncIndex=0 generation=1 expireIn=30`, or other members.
    ///
    /// `expireIn` becomes the `expireTime` that many seconds from now. A word without `=` is the whole
    /// request.
    mutating func promote(_ words: [Substring]) throws {
        let request = try request(words)
        try edit { $0.promote = request }
    }

    /// The primary announces that the sync is to take its place.
    ///
    /// `handover at=0/14@1`: it has stopped, too; `handover none`: it takes that back. Members that are
    /// given replace the right ones.
    mutating func handover(_ words: [Substring]) throws {
        if words == ["none"] { return try edit { $0.handover = nil } }
        var fields: [Substring: Substring] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else {
                throw Misuse("handover from= to= generation= at= | none")
            }
            fields[parts[0]] = parts[1]
        }
        let final = try fields["at"].map { try sample(String($0)).end }
        let time = wall.advanced(by: .seconds(10))
        try edit { state in
            state.promote = nil
            let generation = fields["generation"].flatMap { Int($0) }
            state.handover = Handover(
                from: fields["from"].map { PeerID(String($0)) } ?? state.primary.id,
                to: fields["to"].map { PeerID(String($0)) } ?? state.sync?.id ?? PeerID(""),
                generation: generation.map { Generation($0) } ?? state.generation,
                expireTime: time,
                final: final
            )
        }
    }

    /// The sync declares itself, to which the primary has handed over.
    mutating func declare() throws {
        try edit { state in
            guard let final = state.finalPosition, let sync = state.sync else {
                throw Misuse("nobody has handed over")
            }
            let old = state.primary
            state.generation = state.generation.next
            state.primary = sync
            state.async.append(old)
            state.sync = state.async.removeFirst()
            state.initWAL = final.lsn
            state.initTimeline = final.timeline
            state.timeline = final.timeline.next
            state.handover = nil
        }
    }

    /// The clock on n1's wall is set forward, or back, by seconds.
    mutating func stepClock(_ arguments: [Substring]) throws {
        guard let seconds = arguments.first.flatMap({ Int($0) }) else {
            throw Misuse("stepClock SECONDS")
        }
        wallOrigin = wallOrigin.advanced(by: .seconds(seconds))
    }

    func request(_ words: [Substring]) throws -> JSONValue {
        var members: [String: JSONValue] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return value(word) }
            if parts[0] == "expireIn" {
                guard let seconds = Int(parts[1]) else { throw Misuse("expireIn=SECONDS") }
                let time = wall.advanced(by: .seconds(seconds))
                members["expireTime"] = .string("\(time)")
            } else {
                members[String(parts[0])] = value(parts[1])
            }
        }
        return .object(members)
    }

    /// A text in quotes, a number, `null`, `true`, `[]`; anything else is a text, too.
    private func value(_ word: Substring) -> JSONValue {
        switch word {
        case "null": return .null
        case "true": return .boolean(true)
        case "[]": return .array([])
        case "{}": return .object([:])
        default: break
        }
        if word.hasPrefix("\"") { return .string(word.filter { $0 != "\"" }) }
        if let integer = Int64(word) { return .integer(integer) }
        if let number = Double(word), number.isFinite { return .number(number) }
        return .string(String(word))
    }
}
