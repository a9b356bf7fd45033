package import ManateeCore

/// The name of an entry of the history.
package enum HistoryName: Hashable, Sendable {
    /// `<prefix>-NNNNNNNNNN`: the prefix is the generation that a sitter wrote, or 0 for an operator.
    case state(prefix: String, sequence: String)
    /// `<epoch ms>-<ip>-<action>-<role>-<master>-<slave>-<sequence>`: an event of Manatee 1.
    case version1(Version1)

    /// The facts of an event of Manatee 1; those that it did not know are empty.
    package struct Version1: Hashable, Sendable {
        /// When it happened, in milliseconds since 1970; nil if the name does not say.
        package var milliseconds: Int64?
        /// The address of the peer that recorded it.
        package var ip: String
        /// For example `AssumeLeader`, `NewLeader`, `NewStandby`, `ExpiredStandby`.
        package var action: String
        /// The peer's role.
        package var role: String
        /// The peer's upstream.
        package var master: String
        /// The peer's downstream.
        package var slave: String
        /// The number that the store gave the entry.
        package var sequence: String
    }

    /// Takes a name apart: more than two parts between `-` make an event of Manatee 1.
    package init(_ name: String) {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 2 else {
            self = .state(prefix: parts[0], sequence: parts.count > 1 ? parts[1] : "")
            return
        }
        let facts = parts.map { $0 == "null" || $0 == "undefined" ? "" : $0 }
        func fact(_ place: Int) -> String { place < facts.count ? facts[place] : "" }
        self = .version1(
            Version1(
                milliseconds: Int64(fact(0)),
                ip: fact(1),
                action: fact(2),
                role: fact(3),
                master: fact(4),
                slave: fact(5),
                sequence: fact(6)
            )
        )
    }

    /// What a sitter that writes `generation` asks the store to append the digits to.
    package static func prefix(for generation: Generation) -> String { "\(generation)-" }

    /// What an operator's tool asks the store to append the digits to.
    package static let operatorPrefix = "0-"

    /// The number that the store gave the entry, as it stands in the name.
    package var sequence: String {
        switch self {
        case .state(_, let sequence): sequence
        case .version1(let event): event.sequence
        }
    }
}
