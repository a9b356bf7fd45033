package import ManateeCore

/// An explanation for programs; words are those of the text.
package enum ExplanationJSON {
    /// The explanation as an object.
    ///
    /// - Parameters:
    ///   - explanation: what is explained.
    ///   - cluster: the shard's name.
    /// - Returns: an object, as the manual of `manatee-adm` describes it.
    package static func value(_ explanation: Explanation, cluster: String) -> JSONValue {
        .object([
            "cluster": .string(cluster),
            "generation": .integer(Int64(explanation.state.generation.number)),
            "frozen": .boolean(explanation.state.freeze != nil),
            "storeAway": .boolean(explanation.isStoreAway),
            "summary": summary(explanation.summary),
            "peers": .array(explanation.members.map { member($0, explanation) }),
            "losses": .array(explanation.losses.map { loss($0, explanation) }),
        ])
    }

    private static func summary(_ summary: Explanation.Summary) -> JSONValue {
        .object([
            "state": .array(summary.state.map(JSONValue.string)),
            "writes": .string(summary.writes),
            "next": .array(summary.next.map(JSONValue.string)),
            "blocked": .array(summary.blocked.map(JSONValue.string)),
            "risk": summary.risk.map(JSONValue.string) ?? .null,
            "todo": .array(summary.todo.map(JSONValue.string)),
        ])
    }

    private static func member(
        _ member: Explanation.Member,
        _ explanation: Explanation
    ) -> JSONValue {
        let end = member.failure.map { ["\($0)"] } ?? []
        let reasons = member.reasons.map { "\($0)" } + end
        return .object([
            "id": .string(member.peer.id.text),
            "peername": .string(member.peer.zoneID),
            "role": .string(member.role.rawValue),
            "present": .boolean(member.isPresent),
            "remarks": .array(member.remarks.map { .string(explanation.named($0.words)) }),
            "reasons": .array(reasons.map { .string(explanation.named($0)) }),
        ])
    }

    private static func loss(
        _ loss: Explanation.Loss,
        _ explanation: Explanation
    ) -> JSONValue {
        let old = explanation.state
        var fields: [String: JSONValue] = [
            "id": .string(loss.peer.id.text),
            "peername": .string(loss.peer.zoneID),
            "role": .string(loss.role.rawValue),
        ]
        switch loss.outcome {
        case .change(let actor, let new):
            let isSame = new.generation == old.generation
            fields["outcome"] = .string(
                isSame ? "asyncs" : new.primary == old.primary ? "newSync" : "takeover"
            )
            fields["by"] = .string(actor.id.text)
            fields["generation"] = .integer(Int64(new.generation.number))
            fields["primary"] = .string(new.primary.id.text)
            fields["sync"] = new.sync.map { .string($0.id.text) } ?? .null
        case .blocked(let actor, let reasons):
            fields["outcome"] = .string("blocked")
            fields["by"] = .string(actor.id.text)
            fields["reasons"] = .array(reasons.map { .string(explanation.named("\($0)")) })
        case .absent(let actor):
            fields["outcome"] = .string("absent")
            fields["by"] = .string(actor.id.text)
        case .nobody:
            fields["outcome"] = .string("nobody")
        case .nothing:
            fields["outcome"] = .string("nothing")
        }
        return .object(fields)
    }
}
