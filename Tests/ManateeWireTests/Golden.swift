import Foundation
import ManateeCore
import ManateeWire
import Testing

/// What an original shard holds, written by the rules of the original, one file a node.
enum Golden {
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = try #require(Bundle.module.resourceURL).appending(path: "Golden")
        return Array(try Data(contentsOf: folder.appending(path: name)))
    }

    static func json(_ name: String) throws -> JSONValue {
        try JSONText.parse(bytes(name), document: name)
    }

    static func state(_ name: String) throws -> ClusterState {
        try ClusterStateJSON.decode(bytes("state/\(name).json"))
    }

    /// A valid state as JSON, with changes.
    static func state(_ change: (inout [String: JSONValue]) -> Void) throws -> [UInt8] {
        guard case .object(var fields) = try json("state/normal.json") else { return [] }
        change(&fields)
        return JSONText.write(.object(fields))
    }

    /// A peer as JSON, as the golden files have it.
    static func peer(_ number: Int) -> JSONValue {
        let ip = "10.77.77.\(number)"
        return .object([
            "id": .string("\(ip):5432:12345"), "ip": .string(ip), "zoneId": .string("z\(number)"),
            "pgUrl": .string("tcp://postgres@\(ip):5432/postgres"),
        ])
    }
}
