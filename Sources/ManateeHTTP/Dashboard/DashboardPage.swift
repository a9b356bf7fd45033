import ManateeCore
import ManateeJournal
import ManateePorts

/// The page for people: one shard as one of its peers sees it.
///
/// It needs nothing but itself, reads without script and style, and shows nothing that the other paths do not.
struct DashboardPage {
    let snapshot: StatusSnapshot
    let journal: Journal
    let picture: ShardPicture?
    let space: SpaceStatus?
    /// What marks the page's own style and script, so that no other is heeded.
    let nonce: String

    /// How often a browser without script asks again, in seconds.
    private static let reload = 5

    var html: String { page.text }

    private var page: HTML {
        let explanation = ExplainBodies(snapshot, picture, space).explanation
        let verdict = DashboardVerdict(snapshot, picture)
        let record = journal.records.last { $0.role == .primary } ?? journal.records.last
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(verdict.title) · \(snapshot.context.shard) · Manatee</title>
            <noscript><meta http-equiv="refresh" content="\(Self.reload)"></noscript>
            <link rel="icon" href="data:,">
            <style nonce="\(nonce)">
            \(HTML(stringLiteral: DashboardStyle.css))
            </style></head><body>
            <a class="skip" href="#content">Skip to the shard</a>
            <header><h1>Shard \(snapshot.context.shard)</h1>
            <ul class="facts" id="facts">\(facts)</ul><span id="stale" role="alert"></span></header>
            <main id="content">
            \(verdict.html)\
            \(ChainSection(members: ShardMembers(snapshot, picture).list).html)\
            <div class="columns">\
            \(ReasonsSection(view: snapshot.view, explanation: explanation).html)\
            \(IssuesSection(picture: picture).html)</div>
            \(FailoverSection(record: record).html)\
            \(GenerationsSection(picture: picture).html)\
            \(EventsSection(journal: journal).html)\
            </main>
            <footer><nav aria-label="For programs">\(links)</nav>
            <p>Manatee \(snapshot.context.version)</p></footer>
            <script nonce="\(nonce)">
            \(HTML(stringLiteral: DashboardScript.text))
            </script></body></html>

            """
    }

    private var facts: [HTML] {
        let view = snapshot.view
        return [
            "<li>generation <b>\(view.generation.map { "\($0)" } ?? "none")</b></li>",
            "<li>seen by <b>\(snapshot.context.peer.zoneID)</b> (\(view.role.rawValue))</li>",
            "<li>\(Words.time(snapshot.now)) UTC</li>",
        ]
    }

    private var links: [HTML] {
        [
            "/state", "/cluster", "/history?format=manatee", "/explain", "/events", "/metrics",
            "/openapi.json",
        ].enumerated().map { "<a id=\"link\($0)\" href=\"\($1)\">\($1)</a> " }
    }

    /// A new mark that nobody can guess.
    static func nonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            String(UInt64.random(in: .min ... .max, using: &generator), radix: 36)
        }.joined()
    }
}
