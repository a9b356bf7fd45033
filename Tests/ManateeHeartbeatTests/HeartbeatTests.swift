import ManateeCore
import ManateeHeartbeat
import ManateePorts
import Testing

@Suite("Beats over TCP", .timeLimit(.minutes(1)))
struct HeartbeatTests {
    @Test func `are heard, and a new word is heard at once`() async throws {
        try await Speaking.with { speaker in
            try await Listening.to(speaker.peer) { ears in
                speaker.heartbeat.speak(PeerWord(postgres: .serving, generation: Generation(3)))
                try await ears.until { $0.last?.word?.generation == Generation(3) }
                let word = PeerWord(
                    postgres: .ended("killed by signal 9"),
                    generation: Generation(3),
                    opened: Generation(3),
                    hears: [PeerID("x"), PeerID("y")],
                    misses: [PeerID("z")]
                )
                speaker.heartbeat.speak(word)
                try await ears.until { $0.contains(.beat(word)) }
            }
        }
    }

    @Test func `tell who is heard, since when, and how far away`() async throws {
        let peer = try await Speaking.with { speaker in
            speaker.heartbeat.speak(PeerWord(postgres: .serving))
            try await Listening.to(speaker.peer) { ears in
                try await ears.until { $0.last?.word != nil }
                let heard = try #require(await ears.heartbeat.hearing().first)
                #expect(heard.peer == speaker.peer.id)
                #expect(heard.isConnected)
                #expect(try #require(heard.age) < .seconds(20))
                #expect(try #require(heard.roundTrip) > .zero)
            }
            return speaker.peer
        }
        try await Listening.to(peer) { ears in
            try await ears.until {
                $0.contains(.knocked(sitter: .refused, postgres: .refused))
            }
            let expected = PeerHearing(peer: peer.id, isConnected: false)
            #expect(await ears.heartbeat.hearing() == [expected])
        }
    }

    @Test func `go on without a change`() async throws {
        try await Speaking.with { speaker in
            speaker.heartbeat.speak(PeerWord(postgres: .serving))
            try await Listening.to(speaker.peer) { ears in
                try await ears.until { $0.filter { $0.word != nil }.count >= 5 }
            }
        }
    }

    @Test func `tell a stream that broke, and then two ports that refuse`() async throws {
        let peer = try await Speaking.with { speaker in
            speaker.heartbeat.speak(PeerWord(postgres: .serving))
            return speaker.peer
        }
        try await Listening.to(peer) { ears in
            try await ears.until {
                $0.contains(.knocked(sitter: .refused, postgres: .refused))
            }
            try await Speaking.with(as: peer) { again in
                again.heartbeat.speak(PeerWord(postgres: .changing))
                try await ears.until { $0.last?.word?.postgres == .changing }
            }
            try await ears.until { seen in
                let broke = seen.firstIndex(of: .streamLost)
                let refused = seen.lastIndex(of: .knocked(sitter: .refused, postgres: .refused))
                return broke != nil && refused ?? 0 > broke ?? 0
            }
        }
    }

    @Test func `tell a postgres that answers beside a sitter that does not`() async throws {
        try await Answering.with(greeting: [], reply: [UInt8(ascii: "N")]) { postgres in
            let peer = peer(heartbeat: unusedPort, postgres: postgres.port)
            try await Listening.to(peer) { ears in
                try await ears.until {
                    $0.contains(.knocked(sitter: .refused, postgres: .answered))
                }
            }
        }
    }

    @Test func `tell that only the hosts accept where nobody answers`() async throws {
        try await Answering.with(greeting: [], reply: []) { frozen in
            let peer = peer(heartbeat: frozen.port, postgres: frozen.port)
            try await Listening.to(peer) { ears in
                try await ears.until {
                    $0.contains(.knocked(sitter: .silent, postgres: .silent))
                }
                #expect(ears.seen.allSatisfy { $0.word == nil })
            }
        }
    }

    @Test(arguments: [
        "\n", "no json\n", "{}\n", #"{"id":7}"# + "\n", "[[[[[[\n",
        #"{"id":"127.0.0.1:1:1","postgres":"dancing"}"# + "\n",
        #"{"id":"somebody:else:1","postgres":"serving"}"# + "\n",
        String(repeating: "x", count: 40_000),
    ])
    func `are no beats, told as an error, if they cannot be understood`(
        _ text: String
    )
        async throws
    {
        try await Answering.with(greeting: Array(text.utf8), reply: []) { liar in
            let peer = peer(heartbeat: liar.port, postgres: unusedPort)
            try await Listening.to(peer) { ears in
                try await ears.until {
                    $0.contains(.knocked(sitter: .silent, postgres: .refused))
                }
                try await ears.untilComplaint()
                #expect(ears.seen.allSatisfy { $0.word == nil })
            }
        }
    }

    @Test func `cannot be pushed: whoever talks to a speaker is cut off`() async throws {
        try await Speaking.with { speaker in
            speaker.heartbeat.speak(PeerWord(postgres: .serving))
            try await Talking.to(speaker.peer, with: Array(repeating: 7, count: 100_000))
            try await Listening.to(speaker.peer) { ears in
                try await ears.until { $0.contains { $0.word != nil } }
            }
        }
    }

    @Test func `fail with words where somebody else listens`() async throws {
        try await Speaking.with { speaker in
            await #expect {
                try await Speaking.with(as: speaker.peer) { _ in }
            } throws: {
                "\($0)".contains("somebody else does")
            }
        }
    }
}

extension Observation {
    /// What was said, if it is a beat.
    fileprivate var word: PeerWord? {
        if case .beat(let word) = self { word } else { nil }
    }
}
