package import ManateeCore
package import ManateePorts

/// The world as the tool reaches it; tests put fakes here.
package struct AdmPorts: Sendable {
    /// Makes the way to the store, with the credentials and the encryption that the sitter
    /// configuration at the given path names; nil means neither.
    package var store: @Sendable (_ configurationPath: String?) throws -> any ShardConnector
    /// Makes the probe of postgres, with the password that the sitter configuration at the given
    /// path names; nil leaves finding it to libpq.
    package var probe: @Sendable (_ configurationPath: String?) throws -> any PostgresProbe
    /// Makes what asks the sitters, whose ports are as far from postgres as the configuration at the given path
    /// has them; nil: as they are by default.
    package var sitters: @Sendable (_ configurationPath: String?) throws -> any SitterProbe
    /// Makes the inspection of postgres, with the password that the sitter configuration names.
    package var inspection: @Sendable (_ configurationPath: String) throws -> any PostgresInspection
    /// Looks at this host.
    package var host: @Sendable () throws -> any HostExamination
    /// The name of the peer that the sitter configuration at the given path is for.
    package var zoneID: @Sendable (_ configurationPath: String) throws -> String
    /// The peer on this host that the sitter configuration at the given path is for.
    package var localPeer: @Sendable (_ configurationPath: String) throws -> any LocalPeer
    /// What the sitter of a peer tells of its past, `/history?format=manatee`; the sitter configuration at
    /// the given path says how far its port lies from postgres's.
    package var roleChanges:
        @Sendable (_ peer: Peer, _ configurationPath: String?) async throws -> [UInt8]
    /// Who answers questions.
    package var console: any AdmConsole
    /// The storage of the peer on this host, as a configuration tells it.
    package var storage: @Sendable (_ configurationPath: String) throws -> any DataStorage
    /// What proves copies of that peer's database; an interrupt ends it in order.
    package var inspector: @Sendable (_ configurationPath: String) throws -> any CopyInspector
    /// What the `config` commands need.
    package var configuration: ConfigurationTools
    /// Reads a whole file.
    package var readFile: @Sendable (_ path: String) throws -> [UInt8]
    /// The time of day, in milliseconds since 1970.
    package var now: @Sendable () -> Int64
    /// Waits; only cancellation ends it early, by throwing.
    package var pause: @Sendable (Duration) async throws -> Void

    /// The world behind these ports.
    package init(
        store: @escaping @Sendable (_ configurationPath: String?) throws -> any ShardConnector,
        probe: @escaping @Sendable (_ configurationPath: String?) throws -> any PostgresProbe,
        sitters: @escaping @Sendable (_ configurationPath: String?) throws -> any SitterProbe,
        inspection:
            @escaping @Sendable (_ configurationPath: String) throws -> any PostgresInspection,
        host: @escaping @Sendable () throws -> any HostExamination,
        zoneID: @escaping @Sendable (_ configurationPath: String) throws -> String,
        localPeer: @escaping @Sendable (_ configurationPath: String) throws -> any LocalPeer,
        roleChanges:
            @escaping @Sendable (_ peer: Peer, _ configurationPath: String?) async throws -> [UInt8],
        console: any AdmConsole,
        storage: @escaping @Sendable (_ configurationPath: String) throws -> any DataStorage,
        inspector: @escaping @Sendable (_ configurationPath: String) throws -> any CopyInspector,
        configuration: ConfigurationTools,
        readFile: @escaping @Sendable (_ path: String) throws -> [UInt8],
        now: @escaping @Sendable () -> Int64,
        pause: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.store = store
        self.probe = probe
        self.sitters = sitters
        self.inspection = inspection
        self.host = host
        self.zoneID = zoneID
        self.localPeer = localPeer
        self.roleChanges = roleChanges
        self.console = console
        self.storage = storage
        self.inspector = inspector
        self.configuration = configuration
        self.readFile = readFile
        self.now = now
        self.pause = pause
    }
}
