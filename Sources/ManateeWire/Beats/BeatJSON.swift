package import ManateeCore

/// One beat of a peer as a line of JSON: who speaks, and its word.
///
/// Unknown members are ignored, so that a later version may say more.
package enum BeatJSON {
    private static let document = "a beat"
    /// How many peers a word may name in one list: more than any shard has.
    private static let longestList = 128

    /// Reads one line, without its end.
    ///
    /// - Returns: who speaks, and what it says.
    /// - Throws: `WireError` that names the field.
    package static func decode(_ bytes: [UInt8]) throws(WireError) -> (PeerID, PeerWord) {
        let value = try JSONText.parse(bytes, document: document)
        var fields = try FieldReader(value, document: document)
        let id = PeerID(try fields.text("id"))
        let range: ClosedRange<Int64> = 0 ... .max
        let word = PeerWord(
            postgres: try postgres(&fields),
            generation: try fields.optionalInteger("generation", in: range)
                .map { Generation(Int($0)) },
            opened: try fields.optionalInteger("opened", in: range).map { Generation(Int($0)) },
            hears: try peers("hears", &fields),
            misses: try peers("misses", &fields)
        )
        return (id, word)
    }

    /// Writes the beat of the peer called `id`, with the end of its line.
    package static func encode(_ word: PeerWord, of id: PeerID) -> [UInt8] {
        var members: [(name: String, node: WireNode)] = [("id", .text(id.text))]
        switch word.postgres {
        case .serving: members.append(("postgres", .text("serving")))
        case .changing: members.append(("postgres", .text("changing")))
        case .restarting: members.append(("postgres", .text("restarting")))
        case .ended(let seen):
            members.append(("postgres", .text("ended")))
            members.append(("seen", .text(seen)))
        }
        if let generation = word.generation {
            members.append(("generation", .integer(generation.number)))
        }
        if let opened = word.opened { members.append(("opened", .integer(opened.number))) }
        members.append(("hears", .array(word.hears.map { .text($0.text) })))
        members.append(("misses", .array(word.misses.map { .text($0.text) })))
        var writer = JSONWriter()
        writer.append(.object(members))
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func postgres(
        _ fields: inout FieldReader
    ) throws(WireError) -> PostgresWord {
        let name = try fields.text("postgres")
        switch name {
        case "serving": return .serving
        case "changing": return .changing
        case "restarting": return .restarting
        case "ended": return .ended(try fields.optionalText("seen") ?? "no reason given")
        default:
            throw fields.failure(
                "postgres",
                .string(name),
                "one of serving, changing, restarting, ended"
            )
        }
    }

    private static func peers(
        _ name: String,
        _ fields: inout FieldReader
    ) throws(WireError) -> [PeerID] {
        guard let value = fields.takePresent(name) else { return [] }
        guard case .array(let elements) = value, elements.count <= longestList else {
            throw fields.failure(name, value, "a list of at most \(longestList) names")
        }
        var peers: [PeerID] = []
        for element in elements {
            guard let text = element.text else {
                throw fields.failure(name, element, "a list of names")
            }
            peers.append(PeerID(text))
        }
        return peers.sorted()
    }
}
