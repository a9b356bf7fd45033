import ManateeCore

/// The changes that operators order, each refused if it would change nothing.
extension StateEdit {
    /// Orders that nobody changes roles, at `date` for `reason`.
    static func freezing(date: String, reason: String) -> StateEdit {
        let order = JSONValue.object(["date": .string(date), "reason": .string(reason)])
        return StateEdit(field: "freeze") { fields in
            if let freeze = fields["freeze"], freeze.isTruthy {
                let known = freeze["reason"]?.text ?? "unknown"
                throw AdmFailure.operation("shard is already frozen: \(known)")
            }
            fields["freeze"] = order
        }
    }

    /// Takes that order back.
    static let unfreezing = StateEdit(field: "freeze") { fields in
        guard let freeze = fields["freeze"], freeze.isTruthy else {
            throw AdmFailure.operation("shard is not frozen")
        }
        fields["freeze"] = nil
    }

    /// Takes a request to promote back.
    static let clearingPromote = StateEdit(field: "promote") { fields in
        guard let promote = fields["promote"], promote.isTruthy else {
            throw AdmFailure.operation("no promote request is pending")
        }
        fields["promote"] = nil
    }

    /// Takes the peer off the deposed ones that has `text` in one of the fields `names`.
    static func reaping(_ text: String, by names: [String]) -> StateEdit {
        StateEdit(field: "deposed") { fields in
            guard case .array(var deposed)? = fields["deposed"],
                let place = deposed.lastIndex(where: { peer in
                    names.contains { peer[$0]?.text == text }
                })
            else {
                throw AdmFailure.operation("\(text) not in deposed or does not exist")
            }
            deposed.remove(at: place)
            fields["deposed"] = .array(deposed)
        }
    }
}
