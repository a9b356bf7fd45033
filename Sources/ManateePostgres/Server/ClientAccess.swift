package import ManateeCore

/// Who of the applications may connect: one line of `pg_hba.conf`, always with SCRAM.
package struct ClientAccess: Sendable, Equatable {
    /// Databases, or `all`; default all.
    package var databases: [String]
    /// Roles, or `all`; default all.
    ///
    /// Manatee's own are refused whatever this says.
    package var users: [String]
    /// An address, a network in CIDR form, a host name, `samehost`, `samenet`, or `all`.
    package var address: String
    /// Whether the connection must be encrypted; default false.
    package var requireTLS: Bool

    /// Admits `users` to `databases` from `address`.
    ///
    /// - Throws: if a field cannot stand in `pg_hba.conf`.
    package init(
        databases: [String] = ["all"],
        users: [String] = ["all"],
        address: String,
        requireTLS: Bool = false
    ) throws(PostgresFailure) {
        for name in databases + users {
            guard AccessRules.quoted(name) != nil, name != "replication" else {
                throw PostgresFailure(
                    .other,
                    "client access: `\(name)` is no name of a database or role"
                )
            }
        }
        guard AccessRules.address(address) != nil, !databases.isEmpty, !users.isEmpty else {
            throw PostgresFailure(
                .other,
                "client access: `\(address)` is no address, network (10.0.0.0/8) or host name"
            )
        }
        self.databases = databases
        self.users = users
        self.address = address
        self.requireTLS = requireTLS
    }
}
