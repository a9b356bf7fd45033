import ManateeCore
import ManateeWire

/// What a command that changes something prints when it has done so.
struct Completion: Equatable, Sendable {
    /// The command's name.
    var operation: String
    /// The shard that was changed; nil if it was something of this host.
    var shard: String?
    /// The line for people; nil if they are told nothing.
    var text: String?
    /// What else programs want to know.
    var facts: [String: JSONValue] = [:]

    func write(asJSON isJSON: Bool, in session: AdmSession) throws(OutputFailure) {
        guard isJSON else {
            if let text { try session.write(text + "\n") }
            return
        }
        var fields = facts
        fields["done"] = .string(operation)
        if let shard { fields["cluster"] = .string(shard) }
        try session.write(JSONText.text(.object(fields)) + "\n")
    }
}
