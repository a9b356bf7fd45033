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
