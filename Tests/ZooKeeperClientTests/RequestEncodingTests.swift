import Testing

@testable import ZooKeeperClient

@Suite struct RequestEncodingTests {
    @Test func `a creation is path, data, list, flags, and a lifetime if there is one`() throws {
        let modes: [(CreateMode, OperationCode, Int32)] = [
            (.persistent, .create2, 0), (.ephemeral, .create2, 1),
            (.persistentSequential, .create2, 2), (.ephemeralSequential, .create2, 3),
            (.container, .createContainer, 4), (.persistentWithTTL(.seconds(2)), .createTTL, 5),
            (.persistentSequentialWithTTL(.seconds(2)), .createTTL, 6),
        ]
        for (mode, code, flags) in modes {
            let request = Request.create(
                CreateParameters(path: "/n", data: [1], mode: mode, acl: .open)
            )
            #expect(request.code == code)
            var reader = JuteReader(
                request.encodedBody(chroot: Chroot("/root"), setsWatch: false)
            )
            #expect(try reader.readString() == "/root/n")
            #expect(try reader.readBuffer() == [1])
            #expect(try reader.readACL() == [.world(.all)])
            #expect(try reader.readInt32() == flags)
            if code == .createTTL {
                #expect(try reader.readInt64() == 2_000)
            }
            #expect(reader.remaining == 0)
        }
    }

    @Test func `no version means any, and version 0 means 0`() throws {
        for (version, encoded) in [(nil, Int32(-1)), (Int32(0), 0), (7, 7)] {
            var reader = JuteReader(
                Request.delete(path: "/n", version: version)
                    .encodedBody(chroot: Chroot("/"), setsWatch: false)
            )
            #expect(try reader.readString() == "/n")
            #expect(try reader.readInt32() == encoded)
        }
        #expect(throws: ZooKeeperError.self) {
            try Request.delete(path: "/n", version: -1).validate()
        }
        #expect(throws: ZooKeeperError.self) {
            try Request.multi([.check("/n", version: -1)]).validate()
        }
    }

    @Test func `a lifetime that a server cannot keep is refused`() {
        for ttl in [Duration.zero, .milliseconds(-1), .seconds(1 << 40)] {
            let parameters = CreateParameters(
                path: "/n",
                data: [],
                mode: .persistentWithTTL(ttl),
                acl: .open
            )
            #expect(throws: ZooKeeperError.self) { try parameters.validate() }
        }
    }

    @Test func `a digest is the hash that servers compute`() {
        // As org.apache.zookeeper.server.auth.DigestAuthenticationProvider prints it.
        #expect(
            ACL.digest(user: "super", password: "admin", .all).id
                == "super:xQJmxLMiHGwaqBvst5y6rkB6HQs="
        )
    }

    @Test func `credentials are not printed`() {
        let secret = Authentication.digest(user: "u", password: "hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("104"), "not as bytes either: \(text)")
        }
    }

    @Test func `watches to set again are cut into frames, one-shot ones first`() {
        let paths = (0..<10).map { "/\($0)" }
        let record = SetWatchesRecord(
            data: paths,
            children: ["/c"],
            persistentRecursive: ["/r", "/s"]
        )
        let chunks = record.chunks(of: 24)
        #expect(chunks.map(\.data).reduce([], +) == paths)
        #expect(chunks.allSatisfy { $0.encoded(relativeZxid: 0).count <= 24 + 5 * 4 + 8 })
        #expect(chunks.map(\.code) == [.setWatches, .setWatches, .setWatches2, .setWatches2])
        #expect(chunks.map(\.children) == [[], [], ["/c"], []])
        #expect(chunks.map(\.persistentRecursive) == [[], [], ["/r"], ["/s"]])
        #expect(SetWatchesRecord().chunks().isEmpty)
        #expect(SetWatchesRecord(data: ["/long/path"]).chunks(of: 1).count == 1)
    }
}

@Suite struct MultiResponseTests {
    private let operations: [MultiOperation] = [
        .create("/a"), .check("/b", version: 1), .delete("/c", version: nil),
    ]

    private func decode(
        _ write: (inout JuteWriter) -> Void
    ) throws -> Result<Response, ZooKeeperError> {
        var writer = JuteWriter()
        write(&writer)
        var reader = JuteReader(writer.bytes)
        return try Response.decode(
            answering: .multi(operations),
            error: 0,
            from: &reader,
            chroot: Chroot("/")
        )
    }

    @Test func `a failure has its place, what was before is undone, what follows not looked at`()
        throws
    {
        let result = try decode {
            for error in [Int32(0), -103, -2] {
                $0.writeResult(-1, error: error)
                $0.write(error)
            }
            $0.writeResult(-1, isLast: true, error: -1)
        }
        guard case .success(.multi(let multi)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(multi.results[0] == .rolledBack)
        #expect(multi.failure?.index == 1)
        #expect(multi.failure?.error.code == .badVersion)
        #expect(multi.failure?.error.path == "/b")
        #expect(multi.results[2] == .notAttempted)
        #expect(!multi.isCommitted)
        #expect(throws: ZooKeeperError.self) { try multi.get() }
    }

    @Test func `results of another number or kind are not the protocol`() {
        #expect(throws: JuteError.self, "too few") {
            try decode { $0.writeResult(-1, isLast: true, error: -1) }
        }
        #expect(throws: JuteError.self, "too many") {
            try decode {
                for _ in 0..<4 {
                    $0.writeResult(-1, error: 0)
                    $0.write(Int32(0))
                }
                $0.writeResult(-1, isLast: true, error: -1)
            }
        }
        #expect(throws: JuteError.self, "a deletion where a creation was asked for") {
            try decode {
                $0.writeResult(2, error: 0)
                $0.writeResult(-1, isLast: true, error: -1)
            }
        }
    }
}
