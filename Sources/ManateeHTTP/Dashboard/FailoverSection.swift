import ManateeCore
import ManateeJournal

/// What the last change that made or kept this peer primary spent its time on.
struct FailoverSection {
    let record: RoleChangeRecord?

    /// The width of the picture, in its own units.
    private static let width = 1000.0
    /// What a phase is wide at least, so that it is seen.
    private static let least = 4.0

    var html: HTML {
        """
        <section aria-labelledby="failover"><h2 id="failover">Last failover seen by this peer</h2>
        \(record.map(body) ?? "<p class=\"note quiet\">None that this peer remembers.</p>")
        </section>

        """
    }

    private func body(_ record: RoleChangeRecord) -> HTML {
        let signs = record.signs.map(\.cause.description).joined(separator: "; ")
        let because: HTML = signs.isEmpty ? "" : ", because \(signs)"
        return """
            <p class="note"><strong>\(Words.duration(record.whole))</strong> until clients were \
            admitted in generation \(record.generation.number) (\(record.kind.rawValue), \
            \(Words.time(record.began)))\(because).</p>
            <svg class="bar" viewBox="0 0 1000 30" preserveAspectRatio="none" role="img" \
            aria-label="\(record.summary)">\(bar(record))</svg>
            <dl class="phases">\(legend(record))</dl>
            \(obstacles(record))
            """
    }

    private func bar(_ record: RoleChangeRecord) -> [HTML] {
        let whole = record.whole / .milliseconds(1)
        guard whole > 0 else { return [] }
        let shares = record.segments.map {
            max(Self.least, Self.width * ($0.duration / .milliseconds(1)) / whole)
        }
        let scale = Self.width / shares.reduce(0, +)
        var x = 0.0
        return zip(record.segments, shares).map { segment, share in
            defer { x += share * scale }
            let (left, width) = (Int(x.rounded()), Int((share * scale).rounded(.up)))
            return """
                <rect class="\(segment.phase.rawValue)" x="\(left)" y="0" width="\(width)" height="30">\
                <title>\(segment.phase.rawValue): \(Words.duration(segment.duration))</title></rect>
                """
        }
    }

    private func legend(_ record: RoleChangeRecord) -> [HTML] {
        FailoverPhase.allCases.map { phase in
            """
            <div><dt><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="\(phase.rawValue)" \
            width="10" height="10" rx="2"/></svg>\(phase.rawValue)</dt>\
            <dd>\(Words.duration(record.total(of: phase)))</dd></div>
            """
        }
    }

    private func obstacles(_ record: RoleChangeRecord) -> HTML {
        guard !record.obstacles.isEmpty else { return "" }
        return """
            <ul class="plain">\(record.obstacles.map {
                "<li><span class=\"badge warn\">in the way</span><span>\($0)</span></li>" as HTML
            })</ul>
            """
    }
}
