package import Logging
package import ManateePorts

extension StorageSettings {
    /// The storage of these settings; nothing is touched before its first call.
    package func storage(logger: Logger) -> any DataStorage {
        switch self {
        case .zfs(let settings):
            ZFSStorage(settings: settings, logger: logger)
        case .btrfs(let settings):
            TreeStorage(settings: settings, method: BtrfsMethod(), logger: logger)
        case .directory(let settings):
            TreeStorage(settings: settings, method: ReflinkMethod(), logger: logger)
        }
    }
}
