import ManateeCore

/// JSON on its way out, with members in the order in which the original writes them.
indirect enum WireNode {
    /// A value without an order of its own: members are ordered by name.
    case plain(JSONValue)
    /// Members in this order.
    case object([(name: String, node: WireNode)])
    /// A list.
    case array([WireNode])

    init(_ value: JSONValue) { self = .plain(value) }

    static func text(_ text: String) -> WireNode { .plain(.string(text)) }

    static func integer(_ number: Int) -> WireNode { .plain(.integer(Int64(number))) }

    /// These members, then the unknown ones by name; a known member hides an unknown one.
    static func object(
        _ known: [(name: String, node: WireNode)],
        unknown: [String: JSONValue]
    ) -> WireNode {
        let names = Set(known.map(\.name))
        let rest = unknown.filter { !names.contains($0.key) }.sorted { $0.key < $1.key }
        return .object(known + rest.map { ($0.key, .plain($0.value)) })
    }
}
