import Glibc
import NIOCore
import NIOPosix
import ZooKeeperClient

/// Looks at each server of a connection string, so that an operator need not.
struct ServerProbe: Sendable {
    /// How long a server may take to accept a connection.
    private static let patience = TimeAmount.seconds(2)

    private let servers: [ServerAddress]

    /// A probe of the servers in `connectionString`; of none if it cannot be understood, which the
    /// client itself tells.
    init(_ connectionString: String) {
        // Why it may fail, and why that does not matter, is said above.
        servers = (try? ConnectionString(connectionString))?.servers ?? []
    }

    /// What is seen at each server now, one sentence each.
    @Sendable func look() async -> [String] {
        await withTaskGroup(of: (Int, String).self) { group in
            for (index, server) in servers.enumerated() {
                group.addTask { (index, "\(server) \(await Self.look(at: server))") }
            }
            var seen = [String](repeating: "", count: servers.count)
            for await (index, sentence) in group { seen[index] = sentence }
            return seen
        }
    }

    private static func look(at server: ServerAddress) async -> String {
        do {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(patience)
                .connect(host: server.host, port: server.port)
                .get()
            try await channel.close()
            return "accepts connections, but no session came about"
        } catch let error as NIOConnectionError {
            guard let first = error.connectionErrors.first?.error else {
                return
                    "has no address (\(words(for: error.dnsAError ?? error.dnsAAAAError ?? error)))"
            }
            return "does not answer (\(words(for: first)))"
        } catch {
            return "does not answer (\(words(for: error)))"
        }
    }

    /// What the system says, without the library's wrapping.
    private static func words(for error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case ChannelError.connectTimeout:
            "no answer within \(patience.nanoseconds / 1_000_000_000) s"
        case SocketAddressError.unknown: "the name is not known"
        default: "\(error)"
        }
    }
}
