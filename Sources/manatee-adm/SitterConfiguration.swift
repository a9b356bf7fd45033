import Foundation
import Logging
import ManateeConfiguration
import ManateePorts
import ManateePostgres
import ManateeStore

/// What the tool takes from a sitter's configuration: how to prove who one is, and the peer's name.
struct SitterConfiguration {
    private let settings: SitterSettings

    /// The configuration at `path`.
    init(_ path: String, environment: [String: String]) throws {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw UnusableConfiguration(description: "cannot read the configuration \(path)")
        }
        settings = try SitterSettingsFile(
            text: text,
            file: path,
            host: ProcessInfo.processInfo.hostName,
            environment: environment
        ).settings
    }

    /// The name of the peer that the configuration is for.
    var zoneID: String { settings.peer.zoneID }

    /// The peer itself.
    var localPeer: LocalSitter { LocalSitter(settings) }

    /// The way to the store, with the sitter's credentials and encryption.
    func shards(_ logger: Logger) throws -> ZooKeeperShards {
        let store = settings.zooKeeper
        return ZooKeeperShards(
            credentials: try store.credentialsFile.map(credentials),
            encryption: store.tls.map { tls in
                StoreSettings.Encryption(
                    authoritiesFile: tls.caFile,
                    identity: tls.identity.map {
                        StoreSettings.Encryption.Identity(
                            certificateFile: $0.certificateFile,
                            keyFile: $0.keyFile
                        )
                    }
                )
            },
            logger: logger
        )
    }

    /// The probe of postgres, with the sitter's password for it.
    func probe() throws -> MonitorProbe {
        try MonitorProbe(secretFile: settings.postgres.secretFile)
    }

    /// What asks the sitters: every sitter's port is as far from its postgres as this one's.
    var sitters: StatusPortProbe {
        StatusPortProbe(portOffset: settings.statusPortOffset)
    }

    private func credentials(in path: String) throws -> StoreSettings.Credentials {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw UnusableConfiguration(description: "cannot read the credentials in \(path)")
        }
        let line = text.prefix { !$0.isNewline }
        let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw UnusableConfiguration(
                description: "the first line of \(path) must be user:password"
            )
        }
        return StoreSettings.Credentials(user: parts[0], password: parts[1])
    }
}

extension SitterSettings {
    /// How far the sitter's port lies from postgres's.
    var statusPortOffset: Int { statusServer.port - peer.postgresPort }
}

/// Why a configuration, or a file that it names, cannot be used.
private struct UnusableConfiguration: Error, CustomStringConvertible {
    let description: String
}
