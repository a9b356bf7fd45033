import ManateeCore

/// What n1 sees of the others without the store: it goes on by itself while time passes.
extension World {
    /// How the others look from n1.
    struct Sight {
        /// What each peer that beats says.
        var beating: [PeerID: PeerWord] = [:]
        /// How each peer that is lost from sight answers at its two ports, the sitter's first.
        var knocked: [PeerID: (sitter: Knock, postgres: Knock)] = [:]
    }

    static let beatInterval = Duration.milliseconds(250)
    static let knockInterval = Duration.milliseconds(100)

    /// `beat n2 [serving|changing|restarting|ended] [hears=n1,n3] [misses=n3] [opened=1]`, from now on.
    mutating func beat(_ arguments: [Substring]) throws {
        guard let name = arguments.first else { throw Misuse("beat PEER ...") }
        let generation = stored?.state.generation
        var word = PeerWord(postgres: .serving, generation: generation, opened: generation)
        for argument in arguments.dropFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1)
            let names = parts.last?.split(separator: ",").map { PeerID(String($0)) } ?? []
            switch parts[0] {
            case "serving": word.postgres = .serving
            case "changing": word.postgres = .changing
            case "restarting": word.postgres = .restarting
            case "ended": word.postgres = .ended("killed by signal 9")
            case "hears": word.hears = names
            case "misses": word.misses = names
            case "unopened": word.opened = nil
            default: throw Misuse("beat PEER serving|changing|restarting|ended|unopened ...")
            }
        }
        let peer = PeerID(String(name))
        sight.knocked[peer] = nil
        sight.beating[peer] = word
        queue.append(.observed(peer, .beat(word)))
    }

    /// `mute n2`: nothing is heard of n2 any more, and nothing answers.
    mutating func mute(_ names: [Substring]) {
        for name in names.map({ PeerID(String($0)) }) {
            sight.beating[name] = nil
            sight.knocked[name] = (.silent, .silent)
        }
    }

    /// `die n2`: n2's stream breaks, and both of its ports refuse.
    mutating func die(_ names: [Substring]) {
        for name in names.map({ PeerID(String($0)) }) {
            sight.beating[name] = nil
            sight.knocked[name] = (.refused, .refused)
            queue.append(.observed(name, .streamLost))
        }
    }

    /// `sleepThrough SECONDS`: n1's process stands still; what comes meanwhile is lost.
    mutating func sleepThrough(_ arguments: [Substring]) throws {
        guard let seconds = arguments.first.flatMap({ Int($0) }) else {
            throw Misuse("sleepThrough SECONDS")
        }
        now = now.advanced(by: .seconds(seconds))
    }

    /// `loseSitter n2`: n2's sitter is gone, its postgres answers.
    mutating func loseSitter(_ names: [Substring]) {
        die(names)
        for name in names { sight.knocked[PeerID(String(name))] = (.refused, .answered) }
    }

    /// When the next beat or knock is due; nil if nobody beats and nobody is knocked at.
    var nextSight: Instant? {
        let beat = sight.beating.isEmpty ? nil : next(World.beatInterval)
        let knock = sight.knocked.isEmpty ? nil : next(World.knockInterval)
        return [beat, knock].compactMap(\.self).min()
    }

    private func next(_ interval: Duration) -> Instant {
        Instant(interval * (Int((now.sinceOrigin / interval).rounded(.down)) + 1))
    }

    /// What n1 sees at this moment, if a beat or a knock is due.
    mutating func see() {
        func isDue(_ interval: Duration) -> Bool {
            interval * Int((now.sinceOrigin / interval).rounded()) == now.sinceOrigin
        }
        if isDue(World.beatInterval) {
            for (peer, word) in sight.beating.sorted(by: { $0.key < $1.key }) {
                queue.append(.observed(peer, .beat(word)))
            }
        }
        if isDue(World.knockInterval) {
            for (peer, knock) in sight.knocked.sorted(by: { $0.key < $1.key }) {
                queue.append(
                    .observed(peer, .knocked(sitter: knock.sitter, postgres: knock.postgres))
                )
            }
        }
        settle()
    }

    /// What n1 tells the others, if it is more than that all is well.
    func rendered(_ word: PeerWord) -> [String] {
        var words: [String] = []
        switch word.postgres {
        case .ended(let seen): words.append("its postgres is gone (\(seen))")
        case .restarting: words.append("its postgres restarts")
        case .serving, .changing: break
        }
        if !word.misses.isEmpty {
            words.append("it misses \(word.misses.map(\.text).joined(separator: ","))")
        }
        return words.isEmpty ? [] : ["  say: \(words.joined(separator: "; "))"]
    }
}
