/// Puts watches in place again after a reconnect; the server tells at once what has changed since.
struct SetWatchesRecord: Hashable {
    var data: [String] = []
    var existence: [String] = []
    var children: [String] = []
    var persistent: [String] = []
    var persistentRecursive: [String] = []

    /// Bytes of paths that go into one frame: far below the limit of any server.
    static let chunkSize = 128 * 1024

    var isEmpty: Bool {
        data.isEmpty && existence.isEmpty && children.isEmpty && persistent.isEmpty
            && persistentRecursive.isEmpty
    }

    /// The older request does for a session without persistent watches.
    var code: OperationCode {
        persistent.isEmpty && persistentRecursive.isEmpty ? .setWatches : .setWatches2
    }

    func encoded(relativeZxid: Int64) -> [UInt8] {
        var writer = JuteWriter()
        writer.write(relativeZxid)
        writer.write(data)
        writer.write(existence)
        writer.write(children)
        if code == .setWatches2 {
            writer.write(persistent)
            writer.write(persistentRecursive)
        }
        return writer.bytes
    }

    /// This record in parts of at most `size` bytes of paths (one path at least).
    ///
    /// One-shot watches come first: a server keeps one kind of watch for a path, and a persistent
    /// one must win.
    func chunks(of size: Int = Self.chunkSize) -> [Self] {
        let lists: [WritableKeyPath<Self, [String]>] = [
            \.data, \.existence, \.children, \.persistent, \.persistentRecursive,
        ]
        var chunks: [Self] = []
        var chunk = Self()
        var used = 0
        for list in lists {
            for path in self[keyPath: list] {
                let length = path.utf8.count + 4
                if used + length > size, !chunk.isEmpty {
                    chunks.append(chunk)
                    chunk = Self()
                    used = 0
                }
                chunk[keyPath: list].append(path)
                used += length
            }
        }
        if !chunk.isEmpty {
            chunks.append(chunk)
        }
        return chunks
    }
}
