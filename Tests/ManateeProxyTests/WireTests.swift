import Testing

@testable import ManateeProxy

@Suite("The first words of clients and servers")
struct WireTests {
    private func number(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }

    private func packet(_ code: Int, _ rest: [UInt8] = []) -> [UInt8] {
        number(8 + rest.count) + number(code) + rest
    }

    private func message(_ type: String, _ body: [UInt8]) -> [UInt8] {
        Array(type.utf8) + number(4 + body.count) + body
    }

    // MARK: Clients

    @Test func `tells the packets of a client apart`() {
        let startup = packet(196_608, Array("user\0app\0\0".utf8))
        #expect(StartupPacket.read(startup)?.packet == .startup)
        #expect(StartupPacket.read(startup + [1, 2])?.length == startup.count)
        #expect(StartupPacket.read(packet(196_610, [0]))?.packet == .startup)
        #expect(StartupPacket.read(packet(80_877_103))?.packet == .encryptionRequest)
        #expect(StartupPacket.read(packet(80_877_104))?.packet == .encryptionRequest)
        let key: [UInt8] = [0, 0, 0, 7, 1, 2, 3, 4]
        #expect(
            StartupPacket.read(packet(80_877_102, key))?.packet == .cancelRequest(CancelKey(key))
        )
        #expect(StartupPacket.read([0x16, 3, 1])?.packet == .encrypted)
    }

    @Test func `waits for the rest of a packet, however it is cut`() {
        let startup = packet(196_608, Array("user\0app\0\0".utf8))
        for count in 0..<startup.count {
            #expect(StartupPacket.read(startup.prefix(count)) == nil, "after \(count) bytes")
        }
    }

    @Test(arguments: [
        [0, 0, 0, 3, 0, 0, 0, 0], [0, 1, 0, 0, 0, 3, 0, 0], Array("GET / HTTP/1.1\r\n".utf8),
        [0, 0, 0, 8, 0, 2, 0, 0],
    ])
    func `knows what no client of postgres says`(_ bytes: [UInt8]) {
        #expect(StartupPacket.read(bytes)?.packet == .malformed)
    }

    // MARK: Servers

    private var admission: [UInt8] {
        message("R", [0, 0, 0, 0]) + message("S", Array("TimeZone\0UTC\0".utf8))
            + message("K", [0, 0, 0, 7, 1, 2, 3, 4]) + message("Z", [UInt8(ascii: "I")])
    }

    @Test func `finds the key of a session, however the bytes come`() {
        for size in [1, 2, 3, 7, admission.count] {
            var greeting = ServerGreeting()
            var rest = admission[...]
            while !rest.isEmpty {
                greeting.read(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(greeting.firstWord == .other)
            #expect(greeting.key == CancelKey([0, 0, 0, 7, 1, 2, 3, 4]))
            #expect(greeting.isOver)
            #expect(!greeting.isInRecovery)
        }
    }

    @Test func `knows the code of an error that comes first`() {
        var greeting = ServerGreeting()
        greeting.read(ErrorMessage.fatal(sqlState: "57P03", "the database system is starting up"))
        #expect(greeting.firstWord == .error(sqlState: "57P03"))
        #expect(greeting.isOver)
    }

    @Test func `hears that a server is in recovery`() {
        var greeting = ServerGreeting()
        greeting.read(
            message("R", [0, 0, 0, 0]) + message("S", Array("in_hot_standby\0on\0".utf8))
        )
        #expect(greeting.isInRecovery)
        #expect(!greeting.isOver)
    }

    @Test func `passes over a long message without keeping it`() {
        var greeting = ServerGreeting()
        greeting.read(message("S", [UInt8](repeating: 65, count: 100_000)))
        greeting.read(admission)
        #expect(greeting.key != nil)
        #expect(greeting.isOver)
    }

    @Test func `gives up on what is no message`() {
        var greeting = ServerGreeting()
        greeting.read([72, 0, 0, 0, 1, 0, 0])
        #expect(greeting.isOver)
        #expect(greeting.firstWord == .other)
    }

    // MARK: The PROXY protocol

    private let client = ProxyHeader.End(address: [10, 0, 0, 9], text: "10.0.0.9", port: 50_000)
    private let listener = ProxyHeader.End(address: [10, 0, 0, 1], text: "10.0.0.1", port: 6432)

    @Test(arguments: ProxyHeader.Version.allCases)
    func `reads the header that it writes`(_ version: ProxyHeader.Version) {
        let header = ProxyHeader.write(version, from: client, to: listener)
        #expect(
            ProxyHeader.read(header + [1, 2, 3])
                == .header(length: header.count, client: "10.0.0.9")
        )
        for count in 0..<header.count {
            #expect(ProxyHeader.read(Array(header.prefix(count))) == .incomplete)
        }
    }

    @Test func `writes what the specification says`() {
        #expect(
            String(decoding: ProxyHeader.write(.v1, from: client, to: listener), as: UTF8.self)
                == "PROXY TCP4 10.0.0.9 10.0.0.1 50000 6432\r\n"
        )
        let binary = ProxyHeader.write(.v2, from: client, to: listener)
        #expect(
            binary.dropFirst(12) == [
                0x21, 0x11, 0, 12, 10, 0, 0, 9, 10, 0, 0, 1, 0xc3, 0x50, 25, 32,
            ]
        )
        let mixed = ProxyHeader.End(address: [], text: "", port: 0)
        let unknown = ProxyHeader.write(.v1, from: mixed, to: listener)
        #expect(String(decoding: unknown, as: UTF8.self) == "PROXY UNKNOWN\r\n")
        #expect(ProxyHeader.read(unknown) == .header(length: unknown.count, client: nil))
    }

    @Test func `refuses what is no header`() {
        #expect(ProxyHeader.read(packet(196_608)) == .malformed)
        #expect(ProxyHeader.read(Array("PROXY TCP4 1.2.3.4\r\n".utf8)) == .malformed)
        #expect(
            ProxyHeader.read([UInt8]("PROXY ".utf8) + [UInt8](repeating: 65, count: 200))
                == .malformed
        )
    }

    // MARK: Sitters

    @Test func `understands a sitter of ours, and one of Manatee 2`() {
        func report(_ body: String) -> ServerReport? { SitterWord.report(of: Array(body.utf8)) }
        #expect(
            report(#"{"writesOpen":3,"postgres":{"gateOpen":true,"position":"0/10"}}"#)
                == ServerReport(admission: .open(generation: 3), position: 16)
        )
        #expect(
            report(#"{"writesOpen":null,"postgres":{"gateOpen":true,"position":null}}"#)
                == ServerReport(admission: .unready, position: nil)
        )
        #expect(report(#"{"writesOpen":3,"postgres":{"gateOpen":false}}"#)?.admission == .gated)
        #expect(report(#"{"role":"primary"}"#)?.admission == .untold)
        #expect(report("nonsense") == nil)
    }
}
