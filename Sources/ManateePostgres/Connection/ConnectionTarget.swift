/// Which server to connect to, as whom, and for what.
package struct ConnectionTarget: Sendable, Equatable {
    /// How the server recognises the caller.
    package enum Credential: Sendable, Equatable {
        /// By the operating system's word on who calls: Unix-domain sockets only.
        case operatingSystem
        /// By a password from this file, in libpq's format.
        case passfile(String)
    }

    /// The host name or address; or, beginning with `/`, the directory of a Unix-domain socket.
    package var host: String
    /// The port.
    package var port: Int
    /// The role.
    package var user: String
    /// The database; default `postgres`.
    package var database: String
    /// How the role is proven.
    package var credential: Credential
    /// What the session is called in the server's views.
    package var applicationName: String
    /// Whether replication commands are understood besides SQL; then no parameters can be bound.
    package var replication: Bool
    /// Further connection parameters of libpq's, which win over the ones above; default none.
    package var overrides: [String: String] = [:]

    /// A target of these properties.
    package init(
        host: String,
        port: Int,
        user: String,
        database: String = "postgres",
        credential: Credential,
        applicationName: String = "manatee",
        replication: Bool = false
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.database = database
        self.credential = credential
        self.applicationName = applicationName
        self.replication = replication
    }

    /// The server as messages name it.
    var server: String {
        host.hasPrefix("/") ? "the local server on port \(port)" : "\(host):\(port)"
    }

    /// libpq's keywords and values; no secret among them.
    var keywords: [(String, String)] {
        var pairs = [
            ("host", host), ("port", String(port)), ("user", user), ("dbname", database),
            ("application_name", applicationName), ("client_encoding", "UTF8"),
            // Saves a round trip: nothing here speaks Kerberos.
            ("gssencmode", "disable"),
            ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
        ]
        switch credential {
        case .operatingSystem: break
        case .passfile(let path): pairs.append(("passfile", path))
        }
        if replication { pairs.append(("replication", "database")) }
        pairs += overrides.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return pairs
    }
}
