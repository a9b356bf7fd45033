import Foundation
import ManateeConfiguration
import ManateeDaemon
import ManateeProxy
import ManateeStore
import ZooKeeperClient

/// What each part is told of the settings.
extension ProxySettings {
    /// How ZooKeeper is reached.
    func store() throws(ProgramFailure) -> ZooKeeperConfiguration {
        var store = StoreSettings(
            servers: zooKeeper.servers,
            sessionTimeout: zooKeeper.sessionTimeout
        )
        store.credentials = try zooKeeper.credentialsFile.map(Self.credentials)
        store.encryption = zooKeeper.tls.map { tls in
            StoreSettings.Encryption(
                authoritiesFile: tls.caFile,
                identity: tls.identity.map {
                    .init(certificateFile: $0.certificateFile, keyFile: $0.keyFile)
                }
            )
        }
        do {
            return try store.configuration()
        } catch {
            throw ProgramFailure(.configuration, "\(error)")
        }
    }

    private static func credentials(
        _ file: String
    ) throws(ProgramFailure) -> StoreSettings.Credentials {
        // A file that cannot be read has no such line.
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let parts = text.prefix { !$0.isNewline }.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else {
            throw ProgramFailure(
                .configuration,
                "\(file): found something else (not shown); expected one line, USER:PASSWORD; to mend "
                    + "it: write it, and let this user alone read it (mode 0600)"
            )
        }
        return StoreSettings.Credentials(user: String(parts[0]), password: String(parts[1]))
    }

    /// How the proxy is run.
    var proxy: ProxyServer.Settings {
        var ports = [ProxyListener.readWrite: readWrite.place]
        var connections = [ProxyListener.readWrite: readWrite.maxConnections]
        if let readOnly {
            ports[.readOnly] = readOnly.place
            connections[.readOnly] = readOnly.maxConnections
        }
        var proxy = ProxyServer.Settings(ports: ports)
        proxy.limits = ProxyLimits(
            connections: connections,
            holdTime: hold.time,
            heldConnections: hold.connections,
            maximumLag: UInt64(reading.maximumLag),
            balance: reading.balance == .roundRobin ? .roundRobin : .leastConnections,
            readsFallBackToPrimary: reading.primaryFallback
        )
        proxy.connectTime = connectTimeout
        switch sendProxyProtocol {
        case .off: proxy.sentHeader = nil
        case .v1: proxy.sentHeader = .v1
        case .v2: proxy.sentHeader = .v2
        }
        proxy.statusPortOffset = status.portOffset
        proxy.statusInterval = status.interval
        proxy.drainTime = drainTimeout
        return proxy
    }
}

extension ProxySettings.Port {
    fileprivate var place: ProxyServer.Port {
        ProxyServer.Port(
            address: listenAddress,
            port: port,
            acceptsProxyHeader: acceptProxyProtocol
        )
    }
}
