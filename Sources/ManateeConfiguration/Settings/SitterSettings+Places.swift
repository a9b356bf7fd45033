/// Where a peer's files lie.
extension SitterSettings {
    /// The file by which an operator asks to make the peer's data anew.
    package var rebuildRequest: String { besideData("rebuild") }

    /// The file that takes the room that is kept for recovery.
    package var reserveFile: String { besideData("reserve") }

    private func besideData(_ name: String) -> String {
        if let storage { return "\(storage.sideDirectory)/\(name)" }
        var directory = postgres.dataDirectory
        while directory.count > 1, directory.last == "/" { directory.removeLast() }
        return "\(directory).\(name)"
    }
}
