import Foundation
import Glibc

/// A switch with machines on it, all of them network namespaces of this machine.
///
/// The program itself is where the clients are; it must run in a network namespace of its own, in which
/// the switch is made. Nothing of it can be seen from outside, and the kernel takes it down with the last
/// process.
struct Lab: Sendable {
    /// The machines that have a database.
    let peers: [Node]
    /// The machine that has the store.
    let store: Node
    /// Machines for whatever is compared.
    let spares: [Node]

    private static let network = "10.213.0"
    private static let bridge = "benchbr"

    /// All addresses of the laboratory.
    static let subnet = "\(network).0/24"

    static func address(of node: Int) -> String { "\(network).\(node)" }

    /// All machines.
    var nodes: [Node] { peers + [store] + spares }

    /// Makes the switch, and machines for `peers`, the store and `spares`, with directories below `directory`.
    static func make(peers: Int, spares: Int = 0, in directory: String) async throws -> Lab {
        let tag = String(getpid())
        let numbers = 1...(peers + 1 + spares)
        for name in [bridge] + numbers.map({ Node.port(of: $0) }) {
            // What an earlier laboratory of this program left; most often there was none.
            _ = try? await Tool.run("ip", "link", "del", name)
        }
        try await Tool.run("ip", "link", "set", "lo", "up")
        try await Tool.run("ip", "link", "add", bridge, "type", "bridge")
        try await Tool.run("ip", "addr", "add", "\(network).254/24", "dev", bridge)
        try await Tool.run("ip", "link", "set", bridge, "up")
        let nodes = numbers.map {
            Node(number: $0, tag: tag, directory: "\(directory)/node\($0)")
        }
        for node in nodes {
            try FileManager.default.createDirectory(
                atPath: node.directory,
                withIntermediateDirectories: true
            )
            try await Tool.run("ip", "netns", "add", node.namespace)
            try await Tool.run(
                "ip",
                ["link", "add", node.port, "type", "veth"]
                    + ["peer", "name", "eth0", "netns", node.namespace]
            )
            try await Tool.run("ip", "link", "set", node.port, "master", bridge, "up")
            for command in [
                ["addr", "add", "\(node.address)/24", "dev", "eth0"],
                ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"],
            ] {
                try await Tool.run("ip", ["-n", node.namespace] + command)
            }
        }
        return Lab(
            peers: Array(nodes.prefix(peers)),
            store: nodes[peers],
            spares: Array(nodes.dropFirst(peers + 1))
        )
    }

    /// Ends everything that runs on the nodes, and removes them; the switch goes with this program.
    ///
    /// It awaits nothing, so that a cancelled task cleans up as well.
    func remove() {
        for node in nodes {
            node.signalAll(SIGKILL)
            umount2(node.namespaceFile, Int32(MNT_DETACH))
            unlink(node.namespaceFile)
        }
    }

    // MARK: Faults of the network

    /// Cuts a node off from everybody, silently: what it sends and what is sent to it disappears.
    func isolate(_ node: Node) async throws {
        try await Tool.run(
            "nft",
            """
            table netdev cut\(node.number) { chain from { \
            type filter hook ingress device "\(node.port)" priority 0; policy drop; }; }
            """
        )
        try await Tool.run(
            "ip",
            node.launching([
                "nft",
                """
                table inet cut { chain to { \
                type filter hook input priority 0; policy drop; iifname "lo" accept; }; }
                """,
            ])
        )
    }

    /// Ends ``isolate(_:)``.
    func reconnect(_ node: Node) async throws {
        try await Tool.run("nft", "delete table netdev cut\(node.number)")
        try await Tool.run("ip", node.launching(["nft", "delete table inet cut"]))
    }

    /// Loses, silently, whatever a node sends to some others; what they send to it arrives.
    func lose(from node: Node, to others: [Node]) async throws {
        let addresses = others.map(\.address).joined(separator: ", ")
        try await Tool.run(
            "nft",
            """
            table netdev link\(node.number) { chain from { \
            type filter hook ingress device "\(node.port)" priority 0; policy accept; \
            ip daddr { \(addresses) } drop; }; }
            """
        )
    }

    /// Ends ``lose(from:to:)``.
    func deliver(from node: Node) async throws {
        try await Tool.run("nft", "delete table netdev link\(node.number)")
    }
}
