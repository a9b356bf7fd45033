/// Where a peer's files lie.
extension SitterSettings {
    /// The file by which an operator asks to make the peer's data anew.
    package var rebuildRequest: String {
        if let storage { return "\(storage.sideDirectory)/rebuild" }
        var directory = postgres.dataDirectory
        while directory.count > 1, directory.last == "/" { directory.removeLast() }
        return "\(directory).rebuild"
    }
}
