/// Which watches a session has, by the server's paths, and who is told about an event.
///
/// A server keeps one *kind* of watch for each path of a session: a one-shot watch that is set where
/// a persistent one is would replace it. So a one-shot watch at such a path is not set at the server;
/// the persistent watch's events fire it here ("covered"). For the same reason a path has one
/// persistent watch at the server however many readers it has here, and a recursive one if any of
/// them asks for the subtree; what a recursive watch does not say (`childrenChanged`) is
/// concluded from what it says about the children.
struct WatchRegistry {
    /// What a one-shot watch waits for.
    enum OneShot: Hashable {
        /// Data or deletion of a node that exists.
        case data
        /// Creation of a node that does not exist.
        case existence
        /// The children of a node, or its deletion.
        case children
    }

    /// What the server must be told after a watch was removed.
    enum Removal: Hashable {
        case nothing
        /// Nobody watches this path persistently any more.
        case removePersistent(path: String)
        /// The subtree is not watched any more, but the node is.
        case narrow(path: String)
    }

    /// Who is to be told what.
    struct Delivery: Hashable {
        var watch: WatchID
        var kind: WatchEvent.Kind
        /// The server's path.
        var path: String
    }

    private struct Readers {
        var node: [WatchID] = []
        var subtree: [WatchID] = []

        var scope: WatchScope { subtree.isEmpty ? .node : .subtree }
    }

    private enum Place {
        case oneShot(OneShot, String)
        case persistent(WatchScope, String)
    }

    private var oneShots: [OneShot: [String: [WatchID]]] = [:]
    private var persistent: [String: Readers] = [:]
    private var places: [WatchID: Place] = [:]

    /// How many watches there are.
    var count: Int { places.count }

    /// Whether a one-shot watch at `path` must not be set at the server.
    func covers(_ path: String) -> Bool { persistent[path] != nil }

    /// Adds a watch that fires once.
    mutating func add(_ watch: WatchID, _ kind: OneShot, at path: String) {
        oneShots[kind, default: [:]][path, default: []].append(watch)
        places[watch] = .oneShot(kind, path)
    }

    /// Adds a persistent watch.
    ///
    /// - Returns: The scope to ask the server for.
    mutating func add(_ watch: WatchID, _ scope: WatchScope, at path: String) -> WatchScope {
        switch scope {
        case .node: persistent[path, default: Readers()].node.append(watch)
        case .subtree: persistent[path, default: Readers()].subtree.append(watch)
        }
        places[watch] = .persistent(scope, path)
        return persistent[path]?.scope ?? scope
    }

    /// Removes a watch; does nothing if it is not known.
    mutating func remove(_ watch: WatchID) -> Removal {
        switch places.removeValue(forKey: watch) {
        case nil:
            return .nothing
        case .oneShot(let kind, let path):
            oneShots[kind]?[path]?.removeAll { $0 == watch }
            if oneShots[kind]?[path]?.isEmpty == true {
                oneShots[kind]?[path] = nil
            }
            return .nothing
        case .persistent(let scope, let path):
            guard var readers = persistent[path] else { return .nothing }
            readers.node.removeAll { $0 == watch }
            readers.subtree.removeAll { $0 == watch }
            guard !readers.node.isEmpty || !readers.subtree.isEmpty else {
                persistent[path] = nil
                return .removePersistent(path: path)
            }
            persistent[path] = readers
            return scope == .subtree && readers.subtree.isEmpty ? .narrow(path: path) : .nothing
        }
    }

    /// Takes an event of the server, and the watches that it fires for good.
    mutating func dispatch(_ kind: WatchEvent.Kind, at path: String) -> [Delivery] {
        var deliveries = deliver(kind, at: path)
        var ancestor: String? = path
        while let place = ancestor {
            if kind != .childrenChanged {
                deliveries += (persistent[place]?.subtree ?? []).map {
                    Delivery(watch: $0, kind: kind, path: path)
                }
            }
            ancestor = NodePath.parent(of: place)
        }
        if let parent = NodePath.parent(of: path), persistent[parent]?.scope == .subtree,
            kind == .created || kind == .deleted
        {
            deliveries += deliver(.childrenChanged, at: parent)
        }
        return deliveries
    }

    /// Fires all one-shot watches at `path`, which the server may have forgotten.
    mutating func resynchroniseOneShots(at path: String) -> [Delivery] {
        [OneShot.data, .existence, .children].flatMap { kind in
            take(kind, at: path).map { Delivery(watch: $0, kind: .resynchronise, path: path) }
        }
    }

    /// Tells all persistent watches that events may be missing.
    func resynchronisePersistent() -> [Delivery] {
        persistent.sorted { $0.key < $1.key }.flatMap { path, readers in
            (readers.node + readers.subtree).map {
                Delivery(watch: $0, kind: .resynchronise, path: path)
            }
        }
    }

    /// Forgets everything.
    ///
    /// - Returns: The watches there were, oldest first.
    mutating func removeAll() -> [WatchID] {
        defer { self = Self() }
        return places.keys.sorted()
    }

    /// What a server needs to be told after a reconnect.
    var resubscription: SetWatchesRecord {
        SetWatchesRecord(
            data: oneShots[.data, default: [:]].keys.sorted(),
            existence: oneShots[.existence, default: [:]].keys.sorted(),
            children: oneShots[.children, default: [:]].keys.sorted(),
            persistent: persistent.filter { $0.value.scope == .node }.keys.sorted(),
            persistentRecursive: persistent.filter { $0.value.scope == .subtree }.keys.sorted()
        )
    }

    /// Tells the watches at the node itself: one-shot ones, and persistent ones of the node.
    private mutating func deliver(_ kind: WatchEvent.Kind, at path: String) -> [Delivery] {
        var watches: [WatchID] = []
        switch kind {
        case .created, .dataChanged:
            watches = take(.data, at: path) + take(.existence, at: path)
        case .deleted:
            watches =
                take(.data, at: path) + take(.existence, at: path) + take(.children, at: path)
        case .childrenChanged:
            watches = take(.children, at: path)
        case .resynchronise:
            break
        }
        watches += persistent[path]?.node ?? []
        return watches.map { Delivery(watch: $0, kind: kind, path: path) }
    }

    private mutating func take(_ kind: OneShot, at path: String) -> [WatchID] {
        let watches = oneShots[kind]?.removeValue(forKey: path) ?? []
        for watch in watches {
            places[watch] = nil
        }
        return watches
    }
}
