package import ManateeCore
import ManateePorts
import ManateeWire

/// The last configuration of the shard that a peer could use, in a file of its own.
package struct FileConfigurationMemory: ConfigurationMemory {
    private let path: String

    /// The memory in the file at `path`, which need not exist.
    package init(path: String) {
        self.path = path
    }

    /// Reads the configuration; nil if there is no file.
    ///
    /// - Throws: if the file cannot be read or understood.
    package func load() async throws(EffectFailure) -> ClusterConfiguration? {
        do {
            let limit = ClusterConfigurationJSON.maximumBytes
            return try DurableFile.read(path, limit: limit).map(ClusterConfigurationJSON.decode)
        } catch {
            throw EffectFailure(
                "the shard's configuration as it was last is lost: \(path): \(error); it is made anew "
                    + "from the store"
            )
        }
    }

    /// Replaces the configuration.
    package func save(_ configuration: ClusterConfiguration) async throws(EffectFailure) {
        do {
            try DurableFile.replace(path, with: ClusterConfigurationJSON.encode(configuration))
        } catch {
            throw EffectFailure("\(error)")
        }
    }
}
