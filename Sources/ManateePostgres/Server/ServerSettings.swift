package import ManateeCore

extension PostgresServer {
    /// What a server is told once and for all.
    package struct Settings: Sendable {
        /// The own peer, `ip:postgresPort:backupPort`: the name by which upstreams know this standby.
        package var peer: PeerID
        /// The directory of the database; created if absent.
        package var dataDirectory: String
        /// The directory of `postgres`, `initdb` and so on; nil means `/usr/lib/postgresql/N/bin` of
        /// the version of the data, or else of the highest version installed.
        package var binDirectory: String?
        /// The address to listen on, and by which peers reach this server.
        package var listenAddress: String
        /// The port.
        package var port: Int
        /// The directory of the Unix-domain socket; made private to the server's user.
        package var socketDirectory: String
        /// The unprivileged user to run as when we are root; ignored otherwise.
        package var osUser: String?
        /// The passwords of Manatee's roles.
        package var secrets: Secrets
        /// Where the server's user finds them for outgoing connections, in libpq's format.
        package var passfile: String
        /// The applications that may connect.
        package var clientAccess: [ClientAccess]
        /// Parameters of `postgresql.conf`; those that Manatee owns are refused.
        package var parameters: [String: String]
        /// Those of the whole shard, as far as they are known before the store speaks; they come first.
        package var clusterParameters: [String: String]
        /// Where peers connect from, besides those that configurations name.
        package var replicationNetworks: [String]
        /// How much log is kept for standbys that are away; default `512MB`.
        package var walKeepSize: String
        /// Where data goes that is replaced but may still be wanted.
        package var setAsideDirectory: String
        /// The file by which an operator asks to make the data anew.
        package var rebuildRequest: String
        /// Where the server logs: one file for each day of the week.
        package var logDirectory: String
        /// How long a start, stop or promotion may take; default 60 s.
        package var operationTimeout: Duration
        /// The pause between two health checks; default 1 s.
        package var healthCheckInterval: Duration
        /// For how long checks may fail before the server counts as unhealthy; default 5 s.
        package var healthCheckTimeout: Duration
        /// How long to wait for a connection to another peer; default 5 s.
        package var connectTimeout: Duration
        /// For how long a standby may not stream from an upstream that answers before the reason is
        /// looked for; default 5 s.
        package var followTimeout: Duration
        /// Who stops the server when nobody is in charge of it; nil leaves it running.
        package var guarding: Guarding?

        /// The guard beside the server.
        package struct Guarding: Sendable {
            /// The path of `manatee-guard`.
            package var program: String
            /// For how long the server may run without us, or while we stand still; 100 ms or more.
            package var limit: Duration
            /// Where sitters and guards of this data directory know of each other; never on storage that
            /// goes back or away with the data.
            package var file: String

            /// A guard of this program, file and limit.
            package init(program: String, file: String, limit: Duration) {
                self.program = program
                self.file = file
                self.limit = limit
            }
        }

        /// Settings with the defaults above; files lie beside the data directory.
        package init(
            peer: PeerID,
            dataDirectory: String,
            listenAddress: String,
            port: Int,
            socketDirectory: String,
            secrets: Secrets,
            clientAccess: [ClientAccess]
        ) {
            var base = dataDirectory
            while base.count > 1, base.last == "/" { base.removeLast() }
            self.peer = peer
            self.dataDirectory = base
            binDirectory = nil
            self.listenAddress = listenAddress
            self.port = port
            self.socketDirectory = socketDirectory
            osUser = "postgres"
            self.secrets = secrets
            passfile = base + ".passfile"
            self.clientAccess = clientAccess
            parameters = [:]
            clusterParameters = [:]
            replicationNetworks = ["samehost", "samenet"]
            walKeepSize = "512MB"
            setAsideDirectory = base + ".isolated"
            rebuildRequest = base + ".rebuild"
            logDirectory = base + ".log"
            operationTimeout = .seconds(60)
            healthCheckInterval = .seconds(1)
            healthCheckTimeout = .seconds(5)
            connectTimeout = .seconds(5)
            followTimeout = .seconds(5)
            guarding = nil
        }
    }
}

extension PostgresServer.Settings {
    /// The parameters to begin with.
    var effectiveParameters: [String: String] {
        ClusterConfiguration(parameters: clusterParameters).parameters(over: parameters)
    }

    /// Checks what can be checked without touching anything.
    func check() throws(PostgresFailure) {
        let paths = [
            ("data directory", dataDirectory), ("socket directory", socketDirectory),
            ("passfile", passfile), ("set-aside directory", setAsideDirectory),
            ("log directory", logDirectory), ("file of rebuild requests", rebuildRequest),
            ("directory of programs", binDirectory ?? "/"),
            ("guard", guarding?.program ?? "/"), ("guard file", guarding?.file ?? "/"),
        ]
        for (name, path) in paths {
            guard path.hasPrefix("/"), !path.contains(where: { $0.isNewline || $0 == "\0" }) else {
                throw PostgresFailure(.other, "the \(name) `\(path)` is not an absolute path")
            }
        }
        guard dataDirectory != "/", (1...65535).contains(port) else {
            throw PostgresFailure(
                .other,
                "port \(port) of \(dataDirectory) is not between 1 and 65535"
            )
        }
        // The kernel's limit for the path of a Unix-domain socket, with its end.
        guard "\(socketDirectory)/.s.PGSQL.\(port)".utf8.count < 108 else {
            throw PostgresFailure(
                .other,
                "the socket directory \(socketDirectory) has too long a path; name a shorter one"
            )
        }
        for network in [listenAddress] + replicationNetworks {
            guard AccessRules.address(network) != nil else {
                throw PostgresFailure(.other, "`\(network)` is no address, network or host name")
            }
        }
        guard peer.text.utf8.count <= 63 else {
            throw PostgresFailure(
                .other,
                "the peer's name \(peer) is longer than the 63 bytes that postgres compares"
            )
        }
        try ServerParameters.check(effectiveParameters)
    }
}
