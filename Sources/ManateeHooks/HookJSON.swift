import ManateeCore
import ManateePorts
import ManateeWire

/// What a hook reads from its standard input: one line of JSON.
enum HookJSON {
    static func text(_ notice: HookNotice) -> String {
        JSONText.text(
            .object([
                "event": .string(notice.event.rawValue),
                "peer": .string(notice.peer.text),
                "shard": .string(notice.shard),
                "generation": notice.generation.map { .integer(Int64($0.number)) } ?? .null,
                "roleBefore": .string(notice.roleBefore.rawValue),
                "roleAfter": .string(notice.roleAfter.rawValue),
                "primaryUrl": notice.primaryURL.map { .string($0) } ?? .null,
                "outcome": notice.outcome.map { .string($0.rawValue) } ?? .null,
            ])
        ) + "\n"
    }
}
