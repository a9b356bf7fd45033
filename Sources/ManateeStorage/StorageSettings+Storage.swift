package import Logging
package import ManateeCore
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

    /// The room of a storage that keeps a reserve by itself.
    ///
    /// - Parameters:
    ///   - size: how much is kept for recovery.
    ///   - logger: told what the storage does.
    /// - Returns: nil where a file has to do.
    package func room(reserve size: SpaceAmount, logger: Logger) -> (any DataRoom)? {
        switch self {
        case .zfs(let settings):
            ZFSRoom(storage: ZFSStorage(settings: settings, logger: logger), reserve: size)
        case .btrfs, .directory: nil
        }
    }
}
