/// Where a program of Manatee 2 finds its shard: the part of its JSON configuration that has both `path`
/// and `zk`, at any depth; of several the last one.
package struct OriginalClientSettings: Equatable, Sendable {
    /// The shard's directory in ZooKeeper.
    package var path: String
    /// `HOST:PORT,HOST:PORT/CHROOT`, from `zk.connStr`.
    package var servers: String
    /// From `zk.opts.sessionTimeout`; nil if it is not given.
    package var sessionTimeout: Duration?

    private static let remedy = "name the configuration of a program that uses the shard"

    /// Reads the file at `path`.
    ///
    /// - Throws: everything that is wrong with it.
    package static func load(
        _ path: String
    ) throws(InvalidConfiguration) -> OriginalClientSettings {
        let text = try SettingsSource.text(
            of: path,
            expected: "a configuration",
            remedy: remedy
        )
        return try OriginalClientSettings(text: text, file: path)
    }

    /// Reads the text of a file.
    ///
    /// - Parameters:
    ///   - text: the JSON.
    ///   - file: its name, for messages.
    /// - Throws: everything that is wrong with it.
    package init(text: String, file: String) throws(InvalidConfiguration) {
        let root = try JSONReader.read(text, file: file)
        guard let section = Self.lastSection(in: root) else {
            throw InvalidConfiguration([
                ConfigurationProblem(
                    file: file,
                    found: "no section with both path and zk",
                    expected: #"{"path": "/manatee/SHARD", "zk": {"connStr": "HOST:PORT,..."}}"#,
                    remedy: Self.remedy
                )
            ])
        }
        var reading = SettingsReading(file: file, root: section)
        let path = reading.required("path", .path, example: "/manatee/1.moray")
        let servers = reading.required(
            "zk.connStr",
            .zooKeeperServers,
            example: "10.0.0.1:2181,10.0.0.2:2181,10.0.0.3:2181"
        )
        sessionTimeout = reading.optional(
            "zk.opts.sessionTimeout",
            .number(of: .milliseconds(1), called: "milliseconds", 1...86_400_000)
        )
        guard reading.problems.isEmpty, let path, let servers else {
            throw InvalidConfiguration(reading.problems)
        }
        self.path = path
        self.servers = servers
    }

    /// The last section with both keys, where a section comes before those inside it.
    private static func lastSection(in node: SettingsNode) -> SettingsNode? {
        switch node.content {
        case .scalar:
            return nil
        case .list(let elements):
            return elements.reversed().lazy.compactMap(lastSection).first
        case .section(let entries):
            if let inner = entries.reversed().lazy.compactMap({ lastSection(in: $0.value) }).first {
                return inner
            }
            let names = Set(entries.map(\.key))
            return names.isSuperset(of: ["path", "zk"]) ? node : nil
        }
    }
}
