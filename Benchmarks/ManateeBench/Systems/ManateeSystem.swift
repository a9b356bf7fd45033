import Foundation
import Glibc
import ManateeLocal
import ManateePostgres

/// This project's own: a sitter on each peer, and one ZooKeeper server.
actor ManateeSystem: BenchSystem {
    nonisolated let name = "manatee"
    nonisolated let profile: String
    nonisolated let lab: Lab
    nonisolated let superuser = Secrets.superuser
    private let programs: String
    private var sitters: [Node: ChildProcess] = [:]
    private var store: ChildProcess?

    /// A shard of `lab` whose failure detection is of `profile`; `programs` is where manatee-sitter is.
    init(lab: Lab, profile: String, programs: String) {
        self.lab = lab
        self.profile = profile
        self.programs = programs
    }

    private nonisolated var storeServers: String { "\(lab.store.address):\(Port.zooKeeper)" }
    private nonisolated func configurationFile(_ node: Node) -> String {
        node.directory + "/manatee-sitter.yaml"
    }

    func prepare() throws {
        let secrets = lab.peers[0].directory + "/manatee.secrets"
        try Secrets.generate().save(to: secrets)
        for node in lab.peers {
            try giveToPostgres(node.directory)
            try configuration(of: node, secrets: secrets).write(
                toFile: configurationFile(node),
                atomically: true,
                encoding: .utf8
            )
        }
    }

    private func configuration(of node: Node, secrets: String) -> String {
        """
        shardPath: /manatee/bench
        peer:
          ip: \(node.address)
          zoneId: node\(node.number)
          postgresPort: \(Port.postgres)
          backupPort: \(Port.backup)
        statusServer:
          port: \(Port.status)
        zookeeper:
          servers: \(storeServers)
        postgres:
          osUser: postgres
          dataDirectory: \(dataDirectory(node))
          socketDirectory: \(socketDirectory(node))
          secretFile: \(secrets)
          clientAccess:
            - host bench bench \(Lab.subnet) scram-sha-256
          replicationNetworks:
            - \(Lab.subnet)
        failureDetection:
          profile: \(profile)

        """
    }

    func startStore() async throws {
        let installation = try ZooKeeperInstallation.find()
        let directory = lab.store.directory
        try """
        tickTime=500
        dataDir=\(directory)/zookeeper
        clientPortAddress=\(lab.store.address)
        clientPort=\(Port.zooKeeper)
        maxSessionTimeout=60000
        admin.enableServer=false
        4lw.commands.whitelist=srvr,mntr

        """.write(toFile: directory + "/zoo.cfg", atomically: true, encoding: .utf8)
        store = try await ChildProcess.start(
            .init(
                program: ipProgram,
                arguments: lab.store.launching([
                    installation.java, "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                    "-cp", installation.classPath.joined(separator: ":"),
                    "org.apache.zookeeper.server.quorum.QuorumPeerMain", directory + "/zoo.cfg",
                ]),
                logFile: logFile(lab.store)
            )
        )
        try await Waiting.until(
            "ZooKeeper at \(storeServers)",
            within: .seconds(30),
            tail: { LogTail.text([self.logFile(self.lab.store)]) }
        ) {
            Listening.answers(lab.store.address, Port.zooKeeper)
                ? .there(()) : .notYet("nobody listens")
        }
    }

    func killStore() async throws {
        await store?.stop(signal: SIGKILL)
        store = nil
    }

    func storeTraffic() throws -> StoreTraffic {
        try StoreTraffic.ofZooKeeper(at: lab.store.address)
    }

    func start(_ node: Node) async throws {
        sitters[node] = try await ChildProcess.start(
            .init(
                program: ipProgram,
                arguments: node.launching(
                    [programs + "/manatee-sitter", "-f", configurationFile(node)]
                ),
                logFile: logFile(node)
            )
        )
    }

    func stop(_ node: Node) async throws {
        await sitters[node]?.stop(patience: .seconds(60))
        sitters[node] = nil
    }

    func switchOver(from primary: Node, to sync: Node) async throws {
        try await administer(["switchover", "--yes"], at: sync)
    }

    /// The generation of the shard, as the store has it.
    func generation() async throws -> Int {
        struct State: Decodable { var generation: Int }
        let text = try await administer(["zk-state"], at: lab.peers[0])
        return try JSONDecoder().decode(State.self, from: Data(text.utf8)).generation
    }

    @discardableResult
    private func administer(_ arguments: [String], at node: Node) async throws -> String {
        try await Tool.run(
            programs + "/manatee-adm",
            arguments,
            environment: [
                "SHARD": "bench", "ZK_IPS": storeServers,
                "MANATEE_SITTER_CONFIG": configurationFile(node),
            ]
        )
    }
}
