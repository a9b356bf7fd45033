/// The files of one peer as the original's `mkdevsitters` lays them out: configuration only, each peer
/// is then started by hand.
///
/// The first peer has PostgreSQL's usual port, each further one ports that are ten higher.
package struct DevConfiguration: Equatable, Sendable {
    /// Which peer, counted from 1.
    package var peer: Int
    /// The address that the peers listen on.
    package var ip: String
    /// Where ZooKeeper is: `HOST:PORT,HOST:PORT`.
    package var storeServers: String
    /// The shard's directory in the store.
    package var shardPath: String
    /// The absolute path of `devconfs`.
    package var root: String
    /// This host's name.
    package var host: String
    /// The major version of PostgreSQL, for example `15`.
    package var postgresVersion: String
    /// Whether the data lies on ZFS; default: in a plain directory.
    package var usesZFS = false

    /// The configuration of these values; `shard` is a name, which stands for a directory below
    /// `/manatee`, or a full path.
    package init(
        peer: Int,
        ip: String,
        storeServers: String,
        shard: String,
        root: String,
        host: String,
        postgresVersion: String
    ) {
        self.peer = peer
        self.ip = ip
        self.storeServers = storeServers
        shardPath = shard.hasPrefix("/") ? shard : "/manatee/\(shard)"
        self.root = root
        self.host = host
        self.postgresVersion = postgresVersion
    }

    /// Where postgres listens; the sitter's status server listens one above.
    package var postgresPort: Int { 5432 + offset }
    /// Where a copy of the data is received.
    package var receivePort: Int { 10001 + offset }
    /// Where the backup server listens.
    package var backupPort: Int { 10002 + offset }
    private var offset: Int { (peer - 1) * PortPlan.step }

    /// The directory of the peer's configuration.
    package var directory: String { "\(root)/sitter\(peer)" }
    /// Where the peer's data set is mounted, or simply is.
    package var mountpoint: String { "\(root)/datasets/manatee\(peer)" }
    /// What the peers' backup servers ask for.
    package var backupTokenFile: String { "\(root)/backup.token" }
    private var dataset: String { "zones/\(host)/data/peer\(peer)" }
    private static let zfsPath = "/usr/sbin/zfs"

    /// The peer's files by name.
    package var files: [(name: String, text: String)] {
        [
            ("sitter.json", sitter.printed() + "\n"),
            ("backupserver.json", backupServer.printed() + "\n"),
            ("snapshotter.json", snapshotter.printed() + "\n"),
        ]
    }

    private var sitter: OrderedJSON {
        .object([
            ("ip", .text(ip)),
            ("postgresPort", .number(postgresPort)),
            ("backupPort", .number(backupPort)),
            ("shardPath", .text(shardPath)),
            ("zoneId", .text("peer\(peer)-\(host)")),
            (
                "zkCfg",
                .object([
                    ("connStr", .text(storeServers)),
                    ("opts", .object([("sessionTimeout", .number(60_000))])),
                ])
            ),
            ("postgresMgrCfg", postgres),
            ("backup", .object([("tokenFile", .text(backupTokenFile))])),
        ])
    }

    private var postgres: OrderedJSON {
        .object(
            [
                ("dataDir", .text(mountpoint + "/data")),
                ("dbUser", .text("postgres")),
                ("url", .text("tcp://postgres@\(ip):\(postgresPort)/postgres")),
                ("secretFile", .text("\(root)/manatee.secrets")),
                ("postgresConfDir", .text(directory)),
                ("postgresConfFile", .text("postgresql.conf")),
                ("hbaConfFile", .text("pg_hba.conf")),
                ("recoveryConfFile", .text("recovery.conf")),
                ("dataConfig", .text(mountpoint + "/manatee-config.json")),
                ("defaultVersion", .text(postgresVersion)),
                ("pgBaseDir", .text("/usr/lib/postgresql/")),
                ("versions", .object([(postgresVersion, .text(postgresVersion))])),
                ("healthChkInterval", .number(1000)),
                ("healthChkTimeout", .number(5000)),
                ("opsTimeout", .number(60_000)),
                ("replicationTimeout", .number(60_000)),
                ("pgConnectTimeout", .number(60)),
                ("oneNodeWriteMode", .boolean(false)),
                ("snapShotterCfg", .object([("dataset", .text(dataset))])),
            ] + (usesZFS ? [zfsClient] : [])
        )
    }

    private var zfsClient: (String, OrderedJSON) {
        (
            "zfsClientCfg",
            .object([
                ("dataset", .text(dataset)),
                ("mountpoint", .text(mountpoint)),
                ("zfsHost", .text(ip)),
                ("zfsPort", .number(receivePort)),
                ("zfsPath", .text(Self.zfsPath)),
                ("pollInterval", .number(1000)),
            ])
        )
    }

    private var backupServer: OrderedJSON {
        .object([
            ("backupServerCfg", .object([("port", .number(backupPort))])),
            (
                "backupSenderCfg",
                .object([("dataset", .text(dataset)), ("zfsPath", .text(Self.zfsPath))])
            ),
            ("tokenFile", .text(backupTokenFile)),
        ])
    }

    private var snapshotter: OrderedJSON {
        .object([
            ("dataset", .text(dataset)),
            ("pollInterval", .number(36_000)),
            ("snapshotNumber", .number(20)),
            ("healthUrl", .text("http://\(ip):\(postgresPort + 1)/ping")),
        ])
    }
}
