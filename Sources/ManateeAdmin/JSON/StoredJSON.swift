import FoundationEssentials
import ManateeCore

enum StoredJSON {
    static func value(_ data: [UInt8], _ what: String) throws(AdmFailure) -> JSONValue {
        do { return try JSONDecoder().decode(Node.self, from: Data(data)).value } catch {
            throw AdmFailure.operation("\(what) is not JSON: \(error)")
        }
    }
    static func text(_ value: JSONValue) -> String {
        let e = JSONEncoder()
        e.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let d = try? e.encode(Node(value: value))
        return String(decoding: d ?? Data(), as: UTF8.self)
    }
    static func state(_ data: [UInt8]) throws(AdmFailure) -> ClusterState {
        try state(value(data, "the cluster state"))
    }
    static func state(_ v: JSONValue) throws(AdmFailure) -> ClusterState {
        func peer(_ v: JSONValue?) -> Peer? {
            guard let v, let id = v["id"]?.text else { return nil }
            return Peer(
                id: PeerID(id),
                ip: v["ip"]?.text ?? "",
                postgresURL: v["pgUrl"]?.text ?? "",
                zoneID: v["zoneId"]?.text ?? "",
                backupURL: v["backupUrl"]?.text
            )
        }
        func peers(_ v: JSONValue?) -> [Peer] {
            if case .array(let a)? = v { a.compactMap { peer($0) } } else { [] }
        }
        guard let primary = peer(v["primary"]), case .integer(let g)? = v["generation"] else {
            throw AdmFailure.operation("the cluster state lacks primary")
        }
        var freeze: Freeze?
        switch v["freeze"] {
        case nil, .null, .boolean(false): freeze = nil
        case .object(let f): freeze = .explained(f)
        case .some(let other): freeze = .bare(other)
        }
        return ClusterState(
            generation: Generation(Int(g)),
            primary: primary,
            sync: peer(v["sync"]),
            async: peers(v["async"]),
            deposed: peers(v["deposed"]),
            initWAL: LSN(v["initWal"]?.text ?? "0/0") ?? .zero,
            freeze: freeze,
            oneNodeWriteMode: v["oneNodeWriteMode"] == .boolean(true)
        )
    }
    static func oneLine(_ data: [UInt8], what: String) throws(AdmFailure) -> String {
        let v = try value(data, what)
        let t = String(decoding: data, as: UTF8.self)
        return t.contains(where: \.isNewline) ? text(v) : t
    }
    static func peerID(ofElectionEntry name: String) -> PeerID? {
        name.lastIndex(of: "-").map { PeerID(String(name[..<$0])) }
    }
    struct Node: Codable {
        var value: JSONValue
        init(value: JSONValue) { self.value = value }
        init(from d: any Decoder) throws {
            let c = try d.singleValueContainer()
            if c.decodeNil() {
                value = .null
            } else if let b = try? c.decode(Bool.self) {
                value = .boolean(b)
            } else if let b = try? c.decode(Int64.self) {
                value = .integer(b)
            } else if let b = try? c.decode(Double.self) {
                value = .number(b)
            } else if let b = try? c.decode(String.self) {
                value = .string(b)
            } else if let b = try? c.decode([Node].self) {
                value = .array(b.map(\.value))
            } else {
                value = .object(try c.decode([String: Node].self).mapValues(\.value))
            }
        }
        func encode(to e: any Encoder) throws {
            var c = e.singleValueContainer()
            switch value {
            case .null: try c.encodeNil()
            case .boolean(let b): try c.encode(b)
            case .integer(let b): try c.encode(b)
            case .number(let b): try c.encode(b)
            case .string(let b): try c.encode(b)
            case .array(let b): try c.encode(b.map { Node(value: $0) })
            case .object(let b): try c.encode(b.mapValues { Node(value: $0) })
            }
        }
    }
}
