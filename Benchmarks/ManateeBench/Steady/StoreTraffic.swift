import Foundation
import Glibc

/// What a store was asked so far, by its own count.
struct StoreTraffic: Sendable {
    /// Requests of all kinds.
    var requests: Int
    /// Changes of its content.
    var writes: Int

    /// ZooKeeper's count at `address`: `mntr` for the packets that it received, the last transaction's
    /// number for the changes (sessions that come and go among them).
    static func ofZooKeeper(at address: String) throws -> StoreTraffic {
        let monitor = try TextQuery.ask(address, Port.zooKeeper, "mntr")
        let server = try TextQuery.ask(address, Port.zooKeeper, "srvr")
        let zxid = server.split(separator: "\n").first { $0.hasPrefix("Zxid: 0x") }
            .flatMap { Int($0.dropFirst("Zxid: 0x".count), radix: 16) }
        guard let packets = value(of: "zk_packets_received", in: monitor), let zxid else {
            throw BenchFailure("ZooKeeper at \(address) does not tell its count:\n\(monitor)")
        }
        return StoreTraffic(requests: packets, writes: zxid)
    }

    /// etcd's count at `address`: calls that it was sent, and proposals that it committed.
    static func ofEtcd(at address: String) throws -> StoreTraffic {
        let request = "GET /metrics HTTP/1.0\r\nHost: \(address)\r\n\r\n"
        let metrics = try TextQuery.ask(address, Port.etcd, request)
        guard let writes = value(of: "etcd_server_proposals_committed_total", in: metrics) else {
            throw BenchFailure("etcd at \(address) does not tell its count")
        }
        let calls = metrics.split(separator: "\n")
            .filter { $0.hasPrefix("grpc_server_msg_received_total{") }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
            .reduce(0, +)
        return StoreTraffic(requests: Int(calls), writes: writes)
    }

    private static func value(of name: String, in text: String) -> Int? {
        text.split(separator: "\n").first { $0.hasPrefix(name) }
            .flatMap { $0.split(whereSeparator: \.isWhitespace).last.flatMap { Double($0) } }
            .map { Int($0) }
    }
}

/// One question to a server that answers with text and closes.
enum TextQuery {
    /// Sends `question` and returns the whole answer.
    ///
    /// - Throws: ``BenchFailure`` if nobody listens.
    static func ask(_ address: String, _ port: Int, _ question: String) throws -> String {
        guard let descriptor = Listening.connection(to: address, port) else {
            throw BenchFailure("nobody listens at \(address):\(port)")
        }
        defer { close(descriptor) }
        _ = Array(question.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
            answer += buffer.prefix(count)
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
