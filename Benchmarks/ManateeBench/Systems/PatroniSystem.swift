import Foundation
import Glibc
import ManateeLocal

/// Patroni with one etcd server: strict synchronous mode, so that its guarantee is the same.
actor PatroniSystem: BenchSystem {
    nonisolated let name = "patroni"
    nonisolated var profile: String { timing.rawValue }
    nonisolated let lab: Lab
    nonisolated let superuser = "postgres"
    private let timing: PatroniTiming
    private let programs: String
    private let binaries: String
    private var daemons: [Node: ChildProcess] = [:]
    private var store: ChildProcess?

    /// A cluster of `lab`; `programs` is where `patroni` is, `binaries` where PostgreSQL's programs are.
    init(lab: Lab, timing: PatroniTiming, programs: String, binaries: String) {
        self.lab = lab
        self.timing = timing
        self.programs = programs
        self.binaries = binaries
    }

    private nonisolated func configurationFile(_ node: Node) -> String {
        node.directory + "/patroni.yml"
    }

    func prepare() throws {
        let secrets = (0..<2).map { _ in
            (0..<32).map { _ in String(UInt8.random(in: 0...15), radix: 16) }.joined()
        }
        for node in lab.peers {
            try FileManager.default.createDirectory(
                atPath: socketDirectory(node),
                withIntermediateDirectories: true
            )
            try giveToPostgres(node.directory)
            try giveToPostgres(socketDirectory(node))
            try configuration(of: node, secrets).write(
                toFile: configurationFile(node),
                atomically: true,
                encoding: .utf8
            )
            try giveToPostgres(configurationFile(node))
            chmod(configurationFile(node), 0o600)
        }
    }

    private func configuration(of node: Node, _ secrets: [String]) -> String {
        """
        scope: bench
        name: node\(node.number)
        restapi:
          listen: \(node.address):\(Port.patroni)
          connect_address: \(node.address):\(Port.patroni)
        etcd3:
          host: \(lab.store.address):\(Port.etcd)
        bootstrap:
          dcs:
            ttl: \(timing.values.ttl)
            loop_wait: \(timing.values.loopWait)
            retry_timeout: \(timing.values.retryTimeout)
            synchronous_mode: true
            synchronous_mode_strict: true
            postgresql:
              use_pg_rewind: true
              use_slots: true
              parameters:
                max_connections: 100
                max_wal_senders: 10
                max_replication_slots: 10
                wal_keep_size: 512MB
                wal_log_hints: 'on'
                shared_buffers: 128MB
          initdb: [{encoding: UTF8}, data-checksums]
        postgresql:
          listen: \(node.address):\(Port.postgres)
          connect_address: \(node.address):\(Port.postgres)
          data_dir: \(dataDirectory(node))
          bin_dir: \(binaries)
          pgpass: \(node.directory)/patroni.pgpass
          parameters: {unix_socket_directories: \(socketDirectory(node))}
          authentication:
            replication: {username: replicator, password: \(secrets[0])}
            superuser: {username: postgres, password: \(secrets[1])}
          pg_hba:
            - local all all trust
            - host replication replicator \(Lab.subnet) scram-sha-256
            - host all all \(Lab.subnet) scram-sha-256

        """
    }

    func startStore() async throws {
        let address = lab.store.address
        let clients = "http://\(address):\(Port.etcd)"
        let peers = "http://\(address):\(Port.etcdPeer)"
        store = try await ChildProcess.start(
            .init(
                program: ipProgram,
                arguments: lab.store.launching([
                    "etcd", "--name", "store", "--data-dir", lab.store.directory + "/etcd",
                    "--listen-client-urls", clients, "--advertise-client-urls", clients,
                    "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers,
                    "--initial-cluster", "store=\(peers)",
                ]),
                logFile: logFile(lab.store)
            )
        )
        try await Waiting.until(
            "etcd at \(clients)",
            within: .seconds(30),
            tail: { LogTail.text([self.logFile(self.lab.store)]) }
        ) {
            Listening.answers(address, Port.etcd) ? .there(()) : .notYet("nobody listens")
        }
    }

    func killStore() async throws {
        await store?.stop(signal: SIGKILL)
        store = nil
    }

    func storeTraffic() throws -> StoreTraffic {
        try StoreTraffic.ofEtcd(at: lab.store.address)
    }

    func start(_ node: Node) async throws {
        daemons[node] = try await ChildProcess.start(
            .init(
                program: ipProgram,
                arguments: node.launching([
                    "setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--",
                    // Its user may not enter the directory that the benchmark was started in.
                    "env", "--chdir", node.directory,
                    programs + "/patroni", configurationFile(node),
                ]),
                logFile: logFile(node)
            )
        )
    }

    func stop(_ node: Node) async throws {
        await daemons[node]?.stop(patience: .seconds(90))
        daemons[node] = nil
    }

    func hasNamedSync(of primary: Node) throws -> Bool {
        guard Listening.answers(primary.address, Port.patroni) else { return false }
        let request = "GET /cluster HTTP/1.0\r\nHost: \(primary.address)\r\n\r\n"
        return try TextQuery.ask(primary.address, Port.patroni, request).contains("sync_standby")
    }

    func switchOver(from primary: Node, to sync: Node) async throws {
        try await Tool.run(
            programs + "/patronictl",
            "-c",
            configurationFile(primary),
            "switchover",
            "bench",
            "--leader",
            "node\(primary.number)",
            "--candidate",
            "node\(sync.number)",
            "--force"
        )
    }
}
