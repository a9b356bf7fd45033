import ManateeCore
import ManateeWire

/// What a command that changes something prints when it has done so.
struct Completion: Equatable, Sendable {
    /// The command's name.
    var operation: String
    /// The shard that was changed.
    var shard: String
    /// The line for people.
    var text: String
    /// What else programs want to know.
    var facts: [String: JSONValue] = [:]

    func write(asJSON isJSON: Bool, in session: AdmSession) throws(OutputFailure) {
        guard isJSON else { return try session.write(text + "\n") }
        var fields = facts
        fields["done"] = .string(operation)
        fields["cluster"] = .string(shard)
        try session.write(JSONText.text(.object(fields)) + "\n")
    }
}
