import ManateeCore
import ManateeJournal
import ManateeWire

/// The history as lines of JSON, with each state as it is stored.
enum HistoryJSON {
    /// One record in one line, with what is told of the role change that led to it.
    ///
    /// - Throws: never for a record that was understood.
    static func line(
        _ record: HistoryRecord,
        _ change: RoleChangeRecord?
    ) throws(AdmFailure) -> String {
        let time = Timestamp(milliseconds: record.milliseconds).text
        var members = [("zkSeq", quoted(record.sequence)), ("time", quoted(time))]
        switch record.content {
        case .state:
            members.append(("state", try StoredJSON.oneLine(record.data, what: "the entry")))
        case .version1(let event):
            members += [
                ("ip", quoted(event.ip)), ("action", quoted(event.action)),
                ("role", quoted(event.role)), ("master", quoted(event.master)),
                ("slave", quoted(event.slave)),
            ]
        case .unreadable(let why):
            members.append(("error", quoted(why)))
        }
        if let change {
            members.append(("roleChange", JSONText.text(RoleChangeRecordJSON.value(change))))
        }
        return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}\n"
    }

    private static func quoted(_ text: String) -> String { JSONText.text(.string(text)) }
}
