import ManateeCore
import ManateeJournal
import ManateePorts

/// What `verify` finds.
struct IssuesSection {
    let picture: ShardPicture?

    var html: HTML {
        """
        <section aria-labelledby="issues"><h2 id="issues">Verify</h2>
        \(items)</section>

        """
    }

    private var items: HTML {
        guard let picture else { return "<p class=\"note quiet\">Nobody has looked yet.</p>\n" }
        if picture.issues.isEmpty {
            return """
                <ul class="plain"><li><span class="badge good">ok</span>\
                <span>Nothing is wrong.</span></li></ul>

                """
        }
        let items = picture.issues.map { issue -> HTML in
            """
            <li><span class="badge \(issue.isError ? "bad" : "warn")">\
            \(issue.isError ? "error" : "warning")</span><span>\(issue.text)</span></li>
            """
        }
        return "<ul class=\"plain\">\(items)</ul>\n"
    }
}

/// What the shard does, and why the peer does what it does.
struct ReasonsSection {
    let view: PeerView
    /// The same as `/explain` tells; nil without a cluster state.
    let explanation: Explanation?

    var html: HTML {
        let reasons = view.reasons.map { reason -> HTML in
            """
            <li><span class="badge \(tone(reason.weight))">\(reason.weight.rawValue)</span>\
            <span>\(explanation?.named("\(reason)") ?? "\(reason)")</span></li>
            """
        }
        let pending = view.pending.map { pending -> HTML in
            """
            <li><span class="badge info busy">pending</span><span>\(pending.rawValue)</span></li>
            """
        }
        return """
            <section aria-labelledby="explain"><h2 id="explain">Explain</h2>
            <ul class="plain">\(summary)\(reasons)\(pending)</ul></section>

            """
    }

    private var summary: [HTML] {
        guard let summary = explanation?.summary else { return [] }
        return summary.lines.flatMap { label, texts in
            texts.map { "<li><span class=\"badge calm\">\(label)</span><span>\($0)</span></li>\n" }
        }
    }

    private func tone(_ weight: Reason.Weight) -> String {
        switch weight {
        case .decision: "info"
        case .refusal: "warn"
        case .notice: "calm"
        }
    }
}

/// The generations, newest first, and what led to each.
struct GenerationsSection {
    let picture: ShardPicture?

    /// How many changes are shown.
    private static let shown = 12

    var html: HTML {
        """
        <section aria-labelledby="generations"><h2 id="generations">Generations</h2>
        \(table)</section>

        """
    }

    private var table: HTML {
        if let failure = picture?.historyFailure {
            return "<p class=\"note quiet\">The history cannot be read: \(failure)</p>\n"
        }
        let rows = (picture?.history ?? []).suffix(Self.shown).reversed().map { chapter -> HTML in
            """
            <tr><td class="number">\(chapter.state.map { "\($0.generation)" } ?? "–")</td>\
            <td>\(Words.time(chapter.time))</td>\
            <td>\(chapter.state?.primary.zoneID ?? "–")</td>\
            <td>\(chapter.summary)</td></tr>
            """
        }
        guard !rows.isEmpty else { return "<p class=\"note quiet\">None is known yet.</p>\n" }
        return """
            <div class="scroll" tabindex="0" role="region" aria-labelledby="generations">\
            <table><thead><tr><th scope="col">Gen.</th><th scope="col">Time (UTC)</th>\
            <th scope="col">Primary</th><th scope="col">What happened</th></tr></thead>
            <tbody>\(rows)</tbody></table></div>

            """
    }
}

/// The last lines of the journal, newest first.
struct EventsSection {
    let journal: Journal

    /// How many lines are shown.
    private static let shown = 12

    var html: HTML {
        let lines = journal.entries.suffix(Self.shown).reversed().map { entry -> HTML in
            """
            <li><span class="badge \(tone(entry.kind))">\(entry.kind.rawValue)</span>\
            <span>\(Words.time(entry.time)) \(entry.text)</span></li>
            """
        }
        let list: HTML =
            lines.isEmpty
            ? "<p class=\"note quiet\">None since this sitter was started.</p>"
            : "<ul class=\"plain\">\(lines)</ul>"
        return """
            <section aria-labelledby="events"><h2 id="events">Events of this peer</h2>
            \(list)</section>

            """
    }

    private func tone(_ kind: JournalEntry.Kind) -> String {
        switch kind {
        case .decision: "info"
        case .refusal: "warn"
        case .role, .record: "good"
        case .notice, .generation: "calm"
        }
    }
}
