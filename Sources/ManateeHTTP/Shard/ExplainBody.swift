import ManateeCore

/// Why the peer does what it does, in the words of its decisions.
enum ExplainBody {
    static func body(_ view: PeerView) -> JSONValue {
        .object([
            "id": .string(view.id.text),
            "role": .string(view.role.rawValue),
            "generation": .optional(view.generation?.number),
            "pending": .array(view.pending.map { .string($0.rawValue) }),
            "reasons": .array(
                view.reasons.map {
                    .object([
                        "reason": .string($0.label),
                        "weight": .string($0.weight.rawValue),
                        "text": .string($0.description),
                    ])
                }
            ),
        ])
    }
}
