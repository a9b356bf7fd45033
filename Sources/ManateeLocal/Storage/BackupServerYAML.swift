/// The configuration of one peer's backup server in a local shard.
enum BackupServerYAML {
    /// The text of the file.
    static func text(peer: Int, settings: DevSettings, directory: DevDirectory) -> String {
        let lines =
            [
                "# Peer \(peer) of a local shard, written by manatee-dev; changes are lost at its next "
                    + "start."
            ] + settings.storageYAML(peer, in: directory) + [
                "listenAddress: 127.0.0.1",
                "port: \(settings.ports.peers[peer - 1].backup)",
                "tokenFile: \(SitterYAML.quoted(directory.backupTokenFile))",
            ]
        return lines.joined(separator: "\n") + "\n"
    }
}
