import ManateePorts

/// Where things lie below the root of a tree storage.
struct TreeLayout: Equatable, Sendable {
    /// The directory of everything.
    var root: String

    /// The data itself.
    var data: String { "\(root)/data" }
    /// One tree per snapshot.
    var snapshots: String { "\(root)/snapshots" }
    /// One directory per held snapshot, one file in it per hold.
    var holds: String { "\(root)/holds" }
    /// One directory per copy that was set aside: its data, snapshots and holds.
    var isolated: String { "\(root)/isolated" }
    /// What is not complete, or on its way out; nobody but the process that made it looks there.
    var work: String { "\(root)/work" }

    func snapshot(_ name: SnapshotName) -> String { "\(snapshots)/\(name)" }
    func holds(of name: SnapshotName) -> String { "\(holds)/\(name)" }

    /// The layout of a copy that was set aside.
    func isolated(_ name: String) -> TreeLayout { TreeLayout(root: "\(isolated)/\(name)") }
}
