package import ManateeCore
package import ManateePorts

/// Everything that a sitter must be told, validated.
package struct SitterSettings: Equatable, Sendable {
    /// Who this peer is.
    package var peer: PeerIdentity
    /// The shard's directory in the store, for example `/manatee/1`; no slash at the end.
    package var shardPath: String
    /// Where the status server listens.
    package var statusServer: StatusServer
    /// Where this peer says that it lives.
    package var heartbeat: Heartbeat
    /// How the store is reached.
    package var zooKeeper: ZooKeeperSettings
    /// How postgres is run.
    package var postgres: PostgresSettings
    /// What the data lies on; nil means a plain directory without snapshots.
    package var storage: StorageSettings?
    /// The file with the token that the peers' backup servers want.
    ///
    /// Default: `/etc/manatee/backup.token`; without the file they are not asked.
    package var backupTokenFile: String
    /// Whether this peer acknowledges alone: development or bootstrap; default false.
    package var oneNodeWriteMode: Bool
    /// How a deposed peer comes back; default `auto`.
    package var rejoin: RejoinMode
    /// The file in which the peer remembers the newest cluster state; default:
    /// `manatee-peer.json` beside the data directory, or beside the storage's data.
    package var memoryFile: String
    /// How fast failures are reacted to.
    package var failureDetection: FailureDetection
    /// What is done about a disk that fills up.
    package var space: SpaceSettings
    /// Which commands are run when something happens to the peer.
    package var hooks: HookSettings
    /// The lowest level that is logged; default `info`.
    package var logLevel: LogThreshold

    /// Who a peer is, and the ports that are part of its identity.
    package struct PeerIdentity: Equatable, Sendable {
        /// The address by which the other peers reach this one.
        package var ip: String
        /// The name by which operators know the peer; default: the host's name.
        package var zoneID: String
        /// 1 to 65535, default 5432.
        package var postgresPort: Int
        /// 1 to 65535, default 12345.
        package var backupPort: Int
        /// `tcp://USER@HOST:PORT/DATABASE` of the peer's postgres.
        package var postgresURL: String

        /// 1 to 65535, default two above postgres's, or three if the backup server has that one; where
        /// the peer is heard, told to the others.
        package var heartbeatPort: Int

        /// `ip:postgresPort:backupPort`.
        package var id: PeerID { PeerID("\(ip):\(postgresPort):\(backupPort)") }

        /// The peer as the election and the cluster state describe it.
        package var peer: Peer {
            let host = ip.contains(":") ? "[\(ip)]" : ip
            return Peer(
                id: id,
                ip: ip,
                postgresURL: postgresURL,
                zoneID: zoneID,
                backupURL: "http://\(host):\(backupPort)",
                heartbeatPort: heartbeatPort
            )
        }
    }

    /// Where the status server listens.
    package struct StatusServer: Equatable, Sendable {
        /// Default `0.0.0.0`.
        package var listenAddress: String
        /// 1 to 65535, default one above postgres's.
        package var port: Int
        /// A file that holds the token by which operators may ask for operations; nil: nobody may.
        package var tokenFile: String?
    }

    /// Where the other peers hear this one.
    package struct Heartbeat: Equatable, Sendable {
        /// Default `0.0.0.0`.
        package var listenAddress: String
    }

    /// How ZooKeeper is reached.
    package struct ZooKeeperSettings: Equatable, Sendable {
        /// `HOST:PORT,HOST:PORT/CHROOT`.
        package var servers: String
        /// How long the store waits for a silent peer, 1 s to 10 min; the servers may change it;
        /// default 10 s.
        package var sessionTimeout: Duration
        /// A file that holds `user:password` for digest authentication; nil for none.
        package var credentialsFile: String?
        /// Encryption; nil for none.
        package var tls: TLS?

        /// Whom to trust and who to be.
        package struct TLS: Equatable, Sendable {
            /// Certificates of the authorities that the servers' certificates come from, PEM.
            package var caFile: String
            /// The own certificate and key, PEM; nil where the servers ask for none.
            package var identity: Identity?

            /// A certificate and its key.
            package struct Identity: Equatable, Sendable {
                /// The certificate's file, PEM.
                package var certificateFile: String
                /// The key's file, PEM.
                package var keyFile: String
            }
        }
    }

    /// How postgres is run.
    package struct PostgresSettings: Equatable, Sendable {
        /// Where the database lives; created when there is none.
        package var dataDirectory: String
        /// Where `postgres`, `initdb` and the rest are; nil means: found on this host.
        package var binDirectory: String?
        /// The user that postgres runs as; nil means: the user that the sitter runs as.
        package var osUser: String?
        /// The generated passwords, equal on all peers; default: `manatee.secrets` beside the data
        /// directory.
        package var secretFile: String
        /// Where postgres puts its socket; default: `socket` beside the data directory.
        package var socketDirectory: String
        /// Additions to `postgresql.conf`, by name.
        package var parameters: [String: String]
        /// The applications that may connect; default: all, from this host's own networks.
        package var clientAccess: [AccessLine]
        /// Networks from which peers may replicate, besides the addresses of known peers; default:
        /// this host's own networks.
        package var replicationNetworks: [String]
        /// How much log is kept for standbys that are away, as PostgreSQL writes sizes; default `512MB`.
        package var walKeepSize: String
        /// How long starting, stopping and promoting may each take, 1 s to 1 day; default 60 s.
        package var operationTimeout: Duration
        /// How often postgres is asked whether it is well, 100 ms to 1 h; default 1 s.
        package var healthCheckInterval: Duration
        /// How long it may take to answer, 100 ms to 1 h; default 5 s.
        package var healthCheckTimeout: Duration
        /// How long a standby may not stream from an upstream that answers before the reason is looked
        /// for, 1 s to 1 h; default 5 s.
        package var followTimeout: Duration
        /// How long a connection attempt may take, 1 s to 10 min; default 5 s.
        package var connectTimeout: Duration
    }

    /// How fast failures are reacted to.
    package struct FailureDetection: Equatable, Sendable {
        /// The wait before a change of the cluster state is tried again, 10 ms to 1 h; default 1 s.
        package var backOff: Duration
        /// The wait before postgres is configured again after a failure, 10 ms to 1 h; default 1 s.
        package var postgresRetry: Duration
        /// How long a peer that starts waits for the store's first word before it acts on what it
        /// remembers, 0 s to 1 h; default 10 s.
        package var storeGrace: Duration
        /// How long a primary may serve clients while it hears neither the store nor its sync, 3 s to
        /// 1 h; default 10 s.
        package var staleReadLimit: Duration
        /// From which the limits come that are not given; default `balanced`.
        package var profile: ManateeCore.FailureDetection.Profile
        /// How soon which evidence about other peers is acted on.
        package var limits: ManateeCore.FailureDetection
        /// For how long postgres may run without a living sitter, 1 s to the session timeout; default:
        /// the session timeout.
        package var guardLimit: Duration

        /// The defaults.
        package static let standard = FailureDetection(
            backOff: .seconds(1),
            postgresRetry: .seconds(1),
            storeGrace: .seconds(10),
            staleReadLimit: .seconds(10),
            profile: .balanced,
            limits: ManateeCore.FailureDetection(),
            guardLimit: .seconds(10)
        )
    }

    /// How a deposed peer comes back.
    package enum RejoinMode: String, CaseIterable, Sendable {
        /// By itself.
        case auto
        /// An operator rebuilds it.
        case manual
    }

    /// The lowest level that is logged.
    package enum LogThreshold: String, CaseIterable, Sendable {
        /// Everything.
        case trace
        /// Each action.
        case debug
        /// Each decision.
        case info
        /// What may become a problem.
        case warn
        /// What a human must look at.
        case error
        /// What ends the process.
        case fatal

        /// The level `steps` below this one; `trace` is the floor.
        package func lowered(by steps: Int) -> LogThreshold {
            let cases = LogThreshold.allCases
            guard let index = cases.firstIndex(of: self) else { return self }
            return cases[max(0, index - max(0, steps))]
        }
    }
}
