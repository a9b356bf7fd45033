import Testing

@testable import ZooKeeperClient

@Suite struct JuteTests {
    @Test func `values come back as they were written`() throws {
        var writer = JuteWriter()
        writer.write(true)
        writer.write(Int32.min)
        writer.write(Int64.max)
        writer.write("grüße/\u{0}")
        writer.write([UInt8]([0, 255]))
        writer.write(["a", "", "bc"])
        writer.write([ACL.world(.read), ACL(permissions: [.write, .admin], scheme: "x", id: "")])
        writer.writeStat(version: 3, owner: 9)
        var reader = JuteReader(writer.bytes)
        #expect(try reader.readBool())
        #expect(try reader.readInt32() == .min)
        #expect(try reader.readInt64() == .max)
        #expect(try reader.readString() == "grüße/\u{0}")
        #expect(try reader.readBuffer() == [0, 255])
        #expect(try reader.readStrings() == ["a", "", "bc"])
        #expect(
            try reader.readACL() == [
                .world(.read), ACL(permissions: [.write, .admin], scheme: "x", id: ""),
            ]
        )
        let stat = try reader.readStat()
        #expect(stat.version == 3)
        #expect(stat.childrenModified == Zxid(12))
        #expect(stat.creationTime == .seconds(1))
        #expect(stat.ephemeralOwner == SessionID(9))
        #expect(reader.remaining == 0)
    }

    @Test func `no length and no count reads beyond what is there`() {
        for length in [Int32.min, -2, 5, 1_000_000, .max] {
            var writer = JuteWriter()
            writer.write(length)
            writer.write(Int32(0))
            #expect(throws: JuteError.impossibleLength(length, available: 4)) {
                var reader = JuteReader(writer.bytes)
                _ = try reader.readBuffer()
            }
            #expect(throws: JuteError.impossibleLength(length, available: 4)) {
                var reader = JuteReader(writer.bytes)
                _ = try reader.readStrings()
            }
            #expect(throws: JuteError.impossibleLength(length, available: 4)) {
                var reader = JuteReader(writer.bytes)
                _ = try reader.readACL()
            }
        }
    }

    @Test func `absent buffers and vectors are read as empty`() throws {
        var writer = JuteWriter()
        writer.write(Int32(-1))
        var reader = JuteReader(writer.bytes)
        #expect(try reader.readBuffer() == [])
        reader = JuteReader(writer.bytes)
        #expect(try reader.readStrings() == [])
        reader = JuteReader(writer.bytes)
        #expect(try reader.readACL() == [])
    }

    @Test func `the marks of containers and nodes with a TTL are not owners`() throws {
        for owner in [Int64(0), .min, Int64(bitPattern: 0xff00_0000_0000_1234)] {
            var writer = JuteWriter()
            writer.writeStat(owner: owner)
            var reader = JuteReader(writer.bytes)
            #expect(try reader.readStat().ephemeralOwner == nil)
        }
    }

    @Test(arguments: WholeReply.all)
    func `a reply that ends at any byte is an error`(reply: WholeReply) throws {
        for length in 0..<reply.bytes.count {
            var reader = JuteReader(Array(reply.bytes.prefix(length)))
            #expect(throws: JuteError.self, "\(length) of \(reply.bytes.count) bytes") {
                _ = try Response.decode(
                    answering: reply.request,
                    error: 0,
                    from: &reader,
                    chroot: Chroot("/")
                )
            }
        }
        var reader = JuteReader(reply.bytes)
        let result = try Response.decode(
            answering: reply.request,
            error: 0,
            from: &reader,
            chroot: Chroot("/")
        )
        #expect(result == .success(reply.response))
        #expect(reader.remaining == 0)
    }

    @Test func `a connect response that ends at any byte is an error`() throws {
        var writer = JuteWriter()
        writer.write(Int32(0))
        writer.write(Int32(4_000))
        writer.write(Int64(1))
        writer.write([UInt8](repeating: 1, count: 16))
        let old = writer.bytes
        for length in 0..<old.count {
            #expect(throws: JuteError.self) {
                try ConnectResponse(decoding: Array(old.prefix(length)))
            }
        }
        #expect(try ConnectResponse(decoding: old).isReadOnly == false)
        #expect(try ConnectResponse(decoding: old + [1]).isReadOnly)
        #expect(throws: JuteError.notABoolean(2)) { try ConnectResponse(decoding: old + [2]) }
    }
}

/// A reply's bytes and what they mean.
struct WholeReply: Sendable, CustomTestStringConvertible {
    var request: Request
    var response: Response
    var bytes: [UInt8]

    var testDescription: String { request.name }

    static var all: [WholeReply] {
        let stat = Stat(
            created: Zxid(10),
            modified: Zxid(11),
            childrenModified: Zxid(12),
            creationTime: .seconds(1),
            modificationTime: .seconds(2),
            version: 3,
            childrenVersion: 4,
            aclVersion: 5,
            dataLength: 6,
            childCount: 7
        )
        return [
            make(
                .create(CreateParameters(path: "/a", data: [], mode: .persistent, acl: .open)),
                .created(CreatedNode(path: "/a", stat: stat))
            ) {
                $0.write("/a")
                $0.writeStat()
            },
            make(.getData(path: "/a", watch: nil), .data(NodeData(data: [1, 2], stat: stat))) {
                $0.write([UInt8]([1, 2]))
                $0.writeStat()
            },
            make(
                .getChildren(path: "/a", watch: nil),
                .children(NodeChildren(names: ["x", "yy"], stat: stat))
            ) {
                $0.write(["x", "yy"])
                $0.writeStat()
            },
            make(.exists(path: "/a", watch: nil), .existence(stat)) { $0.writeStat() },
            make(.setData(path: "/a", data: [], version: 1), .stat(stat)) { $0.writeStat() },
            make(
                .getACL(path: "/a"),
                .acl(NodeACL(entries: [.world(.read)], stat: stat))
            ) {
                $0.write([ACL.world(.read)])
                $0.writeStat()
            },
            make(
                .multi([.set("/a", data: [], version: 0), .check("/a", version: 1)]),
                .multi(MultiResult(results: [.set(stat), .checked]))
            ) {
                $0.writeResult(5, error: 0)
                $0.writeStat()
                $0.writeResult(13, error: 0)
                $0.writeResult(-1, isLast: true, error: -1)
            },
        ]
    }

    private static func make(
        _ request: Request,
        _ response: Response,
        _ write: (inout JuteWriter) -> Void
    ) -> Self {
        var writer = JuteWriter()
        write(&writer)
        return Self(request: request, response: response, bytes: writer.bytes)
    }
}

extension JuteWriter {
    mutating func writeResult(_ code: Int32, isLast: Bool = false, error: Int32) {
        write(code)
        write(isLast)
        write(error)
    }
}
