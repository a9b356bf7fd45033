import ManateeCore

/// The peers as they replicate: a chain from the primary on, and those that are not part of it.
struct ChainSection {
    let members: [ShardMembers.Member]

    var html: HTML {
        let chain = members.filter { $0.isInChain }
        let others = members.filter { !$0.isInChain }
        let links = chain.enumerated().map { index, member -> HTML in
            "<li>\(index == 0 ? "" : link(to: member))\(peer(member))</li>\n"
        }
        let rest: HTML =
            others.isEmpty
            ? ""
            : """
            <h2 class="second">Not in the chain</h2>
            <ul class="others">\(others.map { "<li>\(peer($0))</li>" as HTML })</ul>

            """
        let none: HTML = chain.isEmpty ? "<p class=\"quiet\">No roles are given yet.</p>" : ""
        return """
            <section aria-labelledby="chain"><h2 id="chain">Replication</h2>
            \(none)<ol class="chain">
            \(links)</ol>
            \(rest)</section>

            """
    }

    private func peer(_ member: ShardMembers.Member) -> HTML {
        var facts: [HTML] = ["<dt>Postgres</dt><dd>\(member.state)</dd>"]
        if let received = member.received {
            let timeline = member.timeline.map { " · TL \($0)" } ?? ""
            facts.append("<dt>Log</dt><dd>\(received.description)\(timeline)</dd>")
        }
        if let replayed = member.replayed, replayed != member.received {
            facts.append("<dt>Replayed</dt><dd>\(replayed.description)</dd>")
        }
        if let age = member.replayAge, age > .zero {
            facts.append("<dt>Last commit</dt><dd>\(Words.duration(age)) ago</dd>")
        }
        let marks = (member.isSelf ? " self" : "") + (member.isPresent ? "" : " gone")
        let about: HTML = member.isSelf ? " <span class=\"badge calm\">this peer</span>" : ""
        let gone: HTML = member.isPresent ? "" : " <span class=\"badge bad\">gone</span>"
        return """
            <div class="peer\(marks)"><span class="badge \(tone(member.role))">\
            \(member.role.rawValue)</span>\(about)\(gone)
            <h3>\(member.name)</h3><div class="where">\(address(member))</div>
            <dl>\(facts)</dl></div>
            """
    }

    private func address(_ member: ShardMembers.Member) -> String {
        let port = PatroniBodies.postgresPort(member.peer).map { ":\($0)" } ?? ""
        return PatroniBodies.host(member.peer.ip) + port
    }

    private func link(to member: ShardMembers.Member) -> HTML {
        let streams = member.state == "streaming"
        let kind = member.role == .sync ? "sync" : "async"
        let dashes: HTML = streams ? "" : " stroke-dasharray=\"5 5\""
        let distance = member.lag.map { $0 == 0 ? "no lag" : "\(Words.bytes($0)) behind" }
        return """
            <div class="link\(streams ? "" : " off")"><span>\(kind)</span>\
            <svg viewBox="0 0 78 16" fill="none" stroke="currentColor" stroke-width="2" \
            aria-hidden="true"><path d="M1 8h72"\(dashes)/><path d="M67 2l8 6-8 6"/></svg>\
            <span>\(streams ? distance ?? "streaming" : notStreaming(member))</span></div>
            """
    }

    private func notStreaming(_ member: ShardMembers.Member) -> String {
        if !member.isPresent || member.state == "unreachable" { return "no stream" }
        if member.state == "unknown" { return "not known" }
        return member.state == "running" ? "no stream" : member.state
    }

    private func tone(_ role: PeerRole) -> String {
        switch role {
        case .primary: "good"
        case .sync: "info"
        case .async, .unassigned, .unknown: "calm"
        case .deposed: "warn"
        }
    }
}

extension ShardMembers.Member {
    fileprivate var isInChain: Bool {
        switch role {
        case .primary, .sync, .async: true
        case .deposed, .unassigned, .unknown: false
        }
    }
}
