/// A server's word that something happened that was watched.
struct WatchNotification: Hashable {
    /// What happened; nil for what this client does not follow, such as the removal of a watch.
    var kind: WatchEvent.Kind?
    /// The server's path.
    var path: String

    init(from reader: inout JuteReader) throws(JuteError) {
        let type = try reader.readInt32()
        _ = try reader.readInt32()
        path = try reader.readString()
        switch type {
        case 1: kind = .created
        case 2: kind = .deleted
        case 3: kind = .dataChanged
        case 4: kind = .childrenChanged
        case _: kind = nil
        }
    }
}
