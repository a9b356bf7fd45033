/// Tells a user how to reach a local shard.
package enum ConnectionGuide {
    /// The lines to print once the shard is up.
    ///
    /// - Parameters:
    ///   - settings: the shard's settings.
    ///   - directory: where it lives.
    ///   - programs: the directory of Manatee's programs.
    /// - Returns: several lines, with an empty one at each end.
    package static func text(
        settings: DevSettings,
        directory: DevDirectory,
        programs: String
    ) -> String {
        """

        As an application:
          export PGPASSFILE='\(directory.passfile)'
          psql '\(settings.connectionString)'

        As an operator:
          export SHARD=\(settings.shard) ZK_IPS=\(settings.storeServers)
          export MANATEE_SITTER_CONFIG='\(directory.configurationFile(1))'
          \(programs)/manatee-adm pg-status

        Status of each peer:
        \(lines(settings) { "  peer \($0)   curl http://127.0.0.1:\($1.status)/state" })

        Logs:
        \(lines(settings) { peer, _ in "  \(directory.logFile(peer))" })
          \(directory.storeDirectory)/zk*/zookeeper.log

        """
    }

    private static func lines(
        _ settings: DevSettings,
        _ line: (Int, PortPlan.Peer) -> String
    ) -> String {
        settings.ports.peers.enumerated().map { line($0 + 1, $1) }.joined(separator: "\n")
    }
}
