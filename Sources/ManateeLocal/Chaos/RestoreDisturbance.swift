/// What happens to a restore on its way.
package enum RestoreDisturbance: String, CaseIterable, Codable, Sendable {
    /// The backup server that sends is killed, and started again as a supervisor does.
    case sender
    /// The tool that reads the source's snapshot is killed: `zfs send` or `btrfs send`.
    case sendingTool
    /// The tool that writes the copy is killed: `zfs receive`, `btrfs receive` or `pg_basebackup`.
    case receivingTool
    /// The sitter that restores is killed, and started again.
    case sitter
    /// The postgres of the peer that sends is killed.
    case sendingPostgres
    /// The postgres of the new copy is killed as soon as it runs.
    case receivingPostgres
    /// The connections between receiver and sender break.
    case connection

    /// Those that can happen on a storage: a plain directory is copied from a running postgres, without
    /// a backup server, and such a copy ends with its connection.
    static func possible(on storage: DevStorage) -> [Self] {
        switch storage {
        case .zfs, .btrfs: allCases
        case .directory: [.receivingTool, .sitter, .sendingPostgres, .receivingPostgres]
        }
    }

    /// The word in the arguments of the tool that is killed; nil where none is.
    var toolVerb: String? {
        switch self {
        case .sendingTool: "send"
        case .receivingTool: "receive"
        case .sender, .sitter, .sendingPostgres, .receivingPostgres, .connection: nil
        }
    }
}
