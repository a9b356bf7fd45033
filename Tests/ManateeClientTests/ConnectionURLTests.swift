import Testing

@testable import ManateeClient

@Suite("A connection URL for libpq")
struct ConnectionURLTests {
    private let topology = Topology(
        servers: [("10.0.0.1", 5432), ("fd00::2", 5433)].enumerated().map { index, place in
            Server(
                url: "tcp://postgres@x/postgres",
                host: place.0,
                port: place.1,
                role: index == 0 ? .primary : .sync,
                id: "\(place.0):\(place.1):1"
            )
        },
        token: FencingToken(1)
    )

    @Test func `names all servers for writing, the primary first`() {
        #expect(
            topology.connectionURL(for: .readWrite, user: "app", database: "moray")
                == "postgresql://app@10.0.0.1:5432,[fd00::2]:5433/moray?target_session_attrs=read-write"
        )
    }

    @Test func `names all servers for reading, the primary last`() {
        #expect(
            topology.connectionURL(for: .readOnly)
                == "postgresql://[fd00::2]:5433,10.0.0.1:5432/?target_session_attrs=prefer-standby"
        )
    }

    @Test func `escapes what a URL cannot hold`() {
        let url = topology.connectionURL(for: .readWrite, user: "a@b/c", database: "é&x")
        #expect(url?.hasPrefix("postgresql://a%40b%2Fc@") == true)
        #expect(url?.contains("/%C3%A9%26x?") == true)
    }

    @Test func `does not exist without servers`() {
        #expect(Topology(servers: [], token: nil).connectionURL(for: .readWrite) == nil)
    }
}
