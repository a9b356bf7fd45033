import ManateeCore
import ManateeWire
import Testing

@Suite("A peer's memory as its file holds it")
struct PeerMemoryJSONTests {
    static func file(_ memory: PeerMemory) -> PeerMemoryJSON {
        PeerMemoryJSON(shard: "/manatee/1", peer: PeerID("10.77.77.7:5432:12345"), memory: memory)
    }

    @Test func `comes back as it was written`() throws {
        let state = try Golden.state("unknown-fields")
        let full = PeerMemory(
            adopted: VersionedState(state, version: StateVersion(0)),
            proposed: try Golden.state("ours"),
            systemIdentifier: SystemIdentifier(.max)
        )
        for memory in [PeerMemory(), full] {
            let file = Self.file(memory)
            #expect(try PeerMemoryJSON(decoding: file.encoded) == file)
        }
        let read = try PeerMemoryJSON(decoding: Self.file(full).encoded)
        #expect(read.memory.adopted?.state.primary.unknownFields["rack"] != nil)
    }

    @Test(arguments: [
        ("", "the peer's memory is not JSON: at byte 0 found the end, expected a value"),
        ("{}", "the peer's memory: version: found nothing, expected 1"),
        (#"{"version":2}"#, "the peer's memory: version: found the number 2, expected 1"),
        (#"{"version":1}"#, "the peer's memory: shard: found nothing, expected a text"),
        (
            #"{"version":1,"shard":"s","peer":"p","adopted":{"version":3,"state":{}}}"#,
            "the peer's memory: adopted.state.generation: found nothing, expected a whole number"
        ),
        (
            #"{"version":1,"shard":"s","peer":"p","adopted":{"state":{}}}"#,
            "the peer's memory: adopted.version: found nothing, expected a whole number"
        ),
        (
            #"{"version":1,"shard":"s","peer":"p","proposed":null}"#,
            "the peer's memory: proposed: found null, expected an object"
        ),
        (
            #"{"version":1,"shard":"s","peer":"p","systemIdentifier":7}"#,
            "the peer's memory: systemIdentifier: found the number 7, expected a text of decimal digits"
        ),
    ])
    func `that is damaged says what is wrong`(text: String, error: String) {
        #expect {
            try PeerMemoryJSON(decoding: Array(text.utf8))
        } throws: {
            String(describing: $0) == error
        }
    }
}
