import Testing

@testable import ZooKeeperClient

@Suite struct ConnectionStringTests {
    @Test(arguments: [
        ("a", ["a:2181"], "/"),
        ("a:1", ["a:1"], "/"),
        ("h1:2181,h2:2182/chroot/deep", ["h1:2181", "h2:2182"], "/chroot/deep"),
        ("127.0.0.1:65535 , zk.example.org", ["127.0.0.1:65535", "zk.example.org:2181"], "/"),
        ("[::1]:2182,[fe80::1%eth0]/x", ["[::1]:2182", "[fe80::1%eth0]:2181"], "/x"),
        ("a/", ["a:2181"], "/"),
    ])
    func `is parsed`(string: String, servers: [String], chroot: String) throws {
        let parsed = try ConnectionString(string)
        #expect(parsed.servers.map(\.description) == servers)
        #expect(parsed.chroot == chroot)
        #expect(try ConnectionString(parsed.description) == parsed)
    }

    @Test(arguments: [
        ("", "empty"), (",", "empty"), ("a,,b", "empty"), ("/chroot", "empty"),
        ("a:", "port"), ("a:0", "port"), ("a:65536", "port"), ("a:-1", "port"),
        ("a:٣", "port"), ("a:99999999999999999999", "port"),
        (":2181", "not a host"), ("a b", "not a host"),
        ("::1", "brackets"), ("fe80::1:2181", "brackets"), ("[::1", "closing bracket"),
        ("[::1]2181", "must follow"), ("[]:1", "IPv6"), ("[host]:1", "IPv6"),
        ("a/x/", "chroot"), ("a//x", "chroot"), ("a/x/../y", "chroot"),
    ])
    func `is refused with a reason`(string: String, reason: String) throws {
        let error = try #require(
            #expect(throws: ZooKeeperError.self) { _ = try ConnectionString(string) }
        )
        #expect(error.code == .invalidConnectionString)
        #expect(error.description.contains(reason), "\(error)")
    }

    @Test func `a configuration can be made of parts as well`() throws {
        let string = try ConnectionString(servers: [ServerAddress(host: "::1")], chroot: "/a")
        #expect(string.description == "[::1]:2181/a")
        #expect(throws: ZooKeeperError.self) { _ = try ConnectionString(servers: []) }
        #expect(throws: ZooKeeperError.self) {
            _ = try ConnectionString(servers: [ServerAddress(host: "a", port: 0)])
        }
    }
}

@Suite struct NodePathTests {
    @Test(arguments: ["/", "/a", "/a/b.c", "/..a", "/ä ö/…", "/a/-_:@"])
    func `is accepted`(path: String) throws {
        try NodePath.validate(path)
    }

    @Test(arguments: [
        "", "a", "a/b", "/a/", "//", "/a//b", "/.", "/a/..", "/a/./b", "/a\u{0}", "/\u{1f}",
        "/\u{7f}", "/\u{e000}", "/\u{fff0}", "/\u{1f9ad}", "/\u{301}/\u{301}/",
    ])
    func `is refused`(path: String) {
        #expect(throws: ZooKeeperError.self) { try NodePath.validate(path) }
    }

    @Test func `a sequential node's may end in a slash`() throws {
        try NodePath.validate("/a/", sequential: true)
        try NodePath.validate("/", sequential: true)
        #expect(throws: ZooKeeperError.self) { try NodePath.validate("/a//", sequential: true) }
    }

    @Test func `a chroot is added on the way out and taken off on the way in`() {
        let chroot = Chroot("/a/b")
        #expect(chroot.outgoing("/") == "/a/b")
        #expect(chroot.outgoing("/x") == "/a/b/x")
        #expect(chroot.incoming("/a/b") == "/")
        #expect(chroot.incoming("/a/b/x") == "/x")
        #expect(chroot.incoming("/a/bc") == nil)
        #expect(chroot.incoming("/a") == nil)
        #expect(Chroot("/").incoming("/a") == "/a")
    }
}
