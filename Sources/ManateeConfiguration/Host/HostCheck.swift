/// Holds a sitter's settings against the host that it is to run on.
package struct HostCheck {
    private static let distribution = "/usr/lib/postgresql"
    /// The versions of PostgreSQL that Manatee knows.
    private static let versions = 13...18
    private static let programs = ["postgres", "initdb", "pg_basebackup", "pg_rewind"]
    /// What the system allows for a socket's path, less the name that postgres gives it.
    private static let socketDirectoryLimit = 90

    let settings: SitterSettings
    let form: SitterSettingsFile.Form
    private let file: String
    let host: any HostFacts

    /// A check of the settings that `file` holds.
    package init(_ settings: SitterSettingsFile, file: String, host: any HostFacts) {
        self.settings = settings.settings
        form = settings.form
        self.file = file
        self.host = host
    }

    /// Everything about the host that keeps the sitter from running with these settings.
    package var problems: [ConfigurationProblem] {
        user + programs + storage + socket + secrets + certificates
    }

    /// The ports that somebody else listens on.
    package var takenPorts: [ConfigurationProblem] {
        let (status, postgres, heartbeat) =
            form == .yaml
            ? ("statusServer.port", "peer.postgresPort", "heartbeat.port")
            : ("postgresPort (the status port is one above it)", "postgresPort", "heartbeatPort")
        let ports = [
            (status, settings.statusServer.port, settings.statusServer.listenAddress),
            (postgres, settings.peer.postgresPort, settings.peer.ip),
            (heartbeat, settings.peer.heartbeatPort, settings.heartbeat.listenAddress),
        ]
        return ports.compactMap { key, port, address in
            if port == settings.peer.postgresPort, runsOwnPostgres { return nil }
            return host.whyTaken(port: port, on: address).map { seen in
                problem(
                    key,
                    found: "port \(port) of \(address), where nobody can listen: \(seen)",
                    expected: "a free port of this host",
                    remedy:
                        "find who listens (`ss -ltnp 'sport = :\(port)'`) and stop it, for example a "
                        + "second sitter or the distribution's own postgresql service, or change \(key)"
                )
            }
        }
    }

    /// Whether the port belongs to the postgres of an earlier sitter, which is taken over.
    private var runsOwnPostgres: Bool {
        host.firstLine(of: settings.postgres.dataDirectory + "/postmaster.pid")
            .flatMap { Int32($0) }.map(host.isRunning) ?? false
    }

    private var user: [ConfigurationProblem] {
        let key = form == .yaml ? "postgres.osUser" : "postgresMgrCfg.dbUser"
        guard host.isRoot else {
            // The original's file always names a user; only root can change to it.
            guard form == .yaml, let osUser = settings.postgres.osUser, osUser != host.userName
            else { return [] }
            return [
                problem(
                    key,
                    found: "`\(osUser)`, while the sitter runs as \(host.userName)",
                    expected: "the same user, since only root can become another",
                    remedy: "leave \(key) out, or run the sitter as \(osUser) or as root"
                )
            ]
        }
        guard let osUser = settings.postgres.osUser else {
            return [
                problem(
                    key,
                    found: "nothing, while the sitter runs as root",
                    expected: "a user for postgres, which refuses to run as root",
                    remedy: "add \(key): postgres"
                )
            ]
        }
        guard osUser == "root" || !host.hasUser(osUser) else { return [] }
        return [
            problem(
                key,
                found: osUser == "root" ? "root" : "`\(osUser)`, and no user of that name",
                expected: "an unprivileged user of this host",
                remedy: "create it (`useradd --system \(osUser == "root" ? "postgres" : osUser)`), "
                    + "or name another"
            )
        ]
    }

    private var programs: [ConfigurationProblem] {
        let key = form == .yaml ? "postgres.binDirectory" : "postgresMgrCfg.binDir"
        let wanted = host.firstLine(of: settings.postgres.dataDirectory + "/PG_VERSION")
            .flatMap { Int($0) }
        let found = host.names(in: HostCheck.distribution).compactMap { Int($0) }
            .filter(HostCheck.versions.contains).max()
        let package = "postgresql-\(wanted ?? found ?? 15)"
        let directory =
            settings.postgres.binDirectory
            ?? (wanted ?? found).map { "\(HostCheck.distribution)/\($0)/bin" }
        guard let directory else {
            return [
                problem(
                    key,
                    found: "nothing, and no PostgreSQL in \(HostCheck.distribution)",
                    expected: "PostgreSQL \(HostCheck.versions.lowerBound) to "
                        + "\(HostCheck.versions.upperBound)",
                    remedy: "install the package postgresql (`apt install postgresql`), "
                        + "or set \(key)"
                )
            ]
        }
        let missing = HostCheck.programs.filter {
            host.file(at: "\(directory)/\($0)")?.isExecutable != true
        }
        guard !missing.isEmpty else { return [] }
        let why = wanted.map { " (the data directory is of version \($0))" } ?? ""
        return [
            problem(
                key,
                found: "no \(missing.joined(separator: ", no ")) in \(directory)\(why)",
                expected: "PostgreSQL's programs",
                remedy: "install the package \(package) (`apt install \(package)`), or set \(key) "
                    + "to the directory that has them"
            )
        ]
    }

    private var socket: [ConfigurationProblem] {
        let directory = settings.postgres.socketDirectory
        guard directory.utf8.count > HostCheck.socketDirectoryLimit else { return [] }
        let key = form == .yaml ? "postgres.socketDirectory" : "postgresMgrCfg.socketDir"
        return [
            problem(
                key,
                found: "\(directory), which is \(directory.utf8.count) bytes long",
                expected:
                    "at most \(HostCheck.socketDirectoryLimit) bytes, a limit of the system's",
                remedy: "set \(key) to a shorter path, for example /run/manatee-"
                    + "\(settings.peer.postgresPort)"
            )
        ]
    }

    private var secrets: [ConfigurationProblem] {
        let key = form == .yaml ? "postgres.secretFile" : "postgresMgrCfg.secretFile"
        let create =
            "on the first peer run `manatee-sitter -f \(file) --create-secrets`; "
            + "on the others copy its file"
        let write = "write USER:PASSWORD to it and run `chmod 600` on it"
        return secret(settings.postgres.secretFile, key: key, ifMissing: create)
            + (settings.zooKeeper.credentialsFile.map {
                secret($0, key: "zookeeper.credentialsFile", ifMissing: write)
            } ?? [])
            + (settings.statusServer.tokenFile.map {
                secret(
                    $0,
                    key: "statusServer.tokenFile",
                    ifMissing: "run `(umask 077; openssl rand -hex 32 > \($0))`"
                )
            } ?? [])
    }

    private func secret(
        _ path: String,
        key: String,
        ifMissing remedy: String
    ) -> [ConfigurationProblem] {
        let expected = "a file that only its owner can read"
        guard let facts = host.file(at: path) else {
            return [
                problem(
                    key,
                    found: "\(path), which is not there",
                    expected: expected,
                    remedy: remedy
                )
            ]
        }
        if facts.isDirectory || !facts.isReadable {
            let what = facts.isDirectory ? "which is a directory" : "which cannot be read"
            return [
                problem(
                    key,
                    found: "\(path), \(what) by \(host.userName)",
                    expected: expected,
                    remedy: "run `chown \(host.userName) \(path)`, or name another file"
                )
            ]
        }
        guard facts.mode & 0o077 != 0 else { return [] }
        return [
            problem(
                key,
                found: "\(path), which is open to others (mode 0"
                    + "\(String(facts.mode & 0o777, radix: 8)))",
                expected: expected,
                remedy: "run `chmod 600 \(path)`, and consider its passwords known"
            )
        ]
    }

    private var certificates: [ConfigurationProblem] {
        guard let tls = settings.zooKeeper.tls else { return [] }
        let files = [
            ("caFile", tls.caFile), ("certificateFile", tls.identity?.certificateFile),
            ("keyFile", tls.identity?.keyFile),
        ]
        return files.compactMap { name, path in
            guard let path, host.file(at: path)?.isReadable != true else { return nil }
            return problem(
                "zookeeper.tls.\(name)",
                found: "\(path), which is not there or cannot be read by \(host.userName)",
                expected: "a PEM file",
                remedy: "put it there, or correct the path"
            )
        }
    }

    func problem(
        _ key: String,
        found: String,
        expected: String,
        remedy: String
    ) -> ConfigurationProblem {
        ConfigurationProblem(
            file: file,
            key: key,
            found: found,
            expected: expected,
            remedy: remedy
        )
    }
}
