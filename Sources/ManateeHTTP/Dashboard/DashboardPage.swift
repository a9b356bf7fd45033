import ManateeCore
import ManateeJournal
import ManateePorts

struct DashboardPage {
    let snapshot: StatusSnapshot
    let journal: Journal
    let picture: ShardPicture?
    let nonce: String
    var html: String { "" }
    static func nonce() -> String { "" }
}
