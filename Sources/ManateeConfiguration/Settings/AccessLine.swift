/// A line that admits applications over the network, always with a password: the part of
/// `pg_hba.conf` that is the operator's.
package struct AccessLine: Equatable, Sendable, CustomStringConvertible {
    /// Databases, or `all`.
    package var databases: [String]
    /// Roles, or `all`.
    package var users: [String]
    /// An address, a network, a host name, `samehost`, `samenet` or `all`.
    package var address: String
    /// Whether the connection must be encrypted.
    package var requiresTLS: Bool

    /// Everybody with a password, from the networks that the host itself is in.
    static let standard = AccessLine(
        databases: ["all"],
        users: ["all"],
        address: "samenet",
        requiresTLS: false
    )

    init(databases: [String], users: [String], address: String, requiresTLS: Bool) {
        self.databases = databases
        self.users = users
        self.address = address
        self.requiresTLS = requiresTLS
    }

    /// Reads `host DATABASES USERS ADDRESS`, with `scram-sha-256` behind it or not.
    init?(_ text: String) {
        let words = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard words.count == 4 || words.count == 5 && words[4] == "scram-sha-256",
            !text.contains(where: { $0.isNewline || $0 == "#" || $0 == "\"" })
        else { return nil }
        switch words[0] {
        case "host": requiresTLS = false
        case "hostssl": requiresTLS = true
        default: return nil
        }
        databases = words[1].split(separator: ",").map(String.init)
        users = words[2].split(separator: ",").map(String.init)
        address = words[3]
        guard !databases.isEmpty, !users.isEmpty, !databases.contains("replication") else {
            return nil
        }
    }

    /// The line as `pg_hba.conf` has it.
    package var description: String {
        let type = requiresTLS ? "hostssl" : "host"
        let (databases, users) = (databases.joined(separator: ","), users.joined(separator: ","))
        return "\(type) \(databases) \(users) \(address) scram-sha-256"
    }
}
