import Glibc

/// Delays what is sent to a node, now and then, by up to 200 ms; nothing is lost and the order stays.
///
/// The kernel's bucket filter keeps back what comes while its rate is next to nothing. It needs no module
/// that kernels of virtual machines leave out, as `netem` does.
struct Jitter: Sendable {
    private let node: Node
    private static let longest = 200

    /// A jitter on the cable of `node`.
    init(on node: Node) {
        self.node = node
    }

    /// Delays until it is cancelled.
    func run() async throws {
        try await filter("replace", Self.open)
        while true {
            try await filter("change", Self.shut)
            try await pause()
            try await filter("change", Self.open)
            try wake()
            try await pause()
        }
    }

    private static let open = ["rate", "10gbit", "burst", "1mb"]
    /// Whatever its size, a packet costs the whole bucket, and the next one seconds.
    private static let shut = ["rate", "1kbit", "burst", "1600", "mpu", "1500"]

    private func filter(_ command: String, _ rate: [String]) async throws {
        let device = ["qdisc", command, "dev", node.port, "root", "tbf"]
        try await Tool.run("tc", device + rate + ["limit", "10mb"])
    }

    private func pause() async throws {
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...Self.longest)))
    }

    /// Sends a packet to nobody: the filter looks at its rate again when one comes.
    private func wake() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else {
            throw BenchFailure("no socket: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var to = sockaddr_in()
        to.sin_family = sa_family_t(AF_INET)
        to.sin_port = in_port_t(Port.discard).bigEndian
        inet_pton(AF_INET, node.address, &to.sin_addr)
        _ = withUnsafePointer(to: &to) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, "", 0, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
