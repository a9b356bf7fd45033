import ManateeJournal

/// A record of a role change in words, as it stands below a row of the history.
struct RoleChangeText {
    let record: RoleChangeRecord

    /// Lines that begin with blanks, each ended by a newline.
    var lines: String {
        let began = "began \(record.began)" + (record.signs.isEmpty ? "" : ", because \(signs)")
        let obstacles = record.obstacles.map { "in the way: \($0)" }
        return ([record.summary, began] + obstacles).map { "  \($0)\n" }.joined()
    }

    private var signs: String {
        record.signs.map { sign in
            guard sign.after > .zero else { return sign.cause.description }
            let milliseconds = Int64((sign.after / .milliseconds(1)).rounded())
            return "\(milliseconds) ms later \(sign.cause)"
        }.joined(separator: ", ")
    }
}
