/// The command lines of `zfs`, as values.
struct ZFSCommands: Equatable, Sendable {
    /// The program, absolute.
    var path: String

    /// What destroying many snapshots may take.
    static let destroyLimit = Duration.seconds(600)

    /// Prints what this version can do; it ends with status 2.
    func usage() -> ToolCommand { command([]) }

    /// Fails if the data set does not exist.
    func list(_ dataset: String) -> ToolCommand {
        command(["list", "-H", "-o", "name", dataset])
    }

    /// The file systems right below a data set, and itself.
    func children(of dataset: String) -> ToolCommand {
        command(["list", "-H", "-r", "-d", "1", "-t", "filesystem", "-o", "name", dataset])
    }

    /// Properties of one data set; `list -p` is younger than `get -p`, so it is `get` everywhere.
    func properties(_ names: [String], of dataset: String) -> ToolCommand {
        command(["get", "-Hp", "-o", "name,property,value", names.joined(separator: ","), dataset])
    }

    /// Properties of a data set, its snapshots and its children.
    func properties(_ names: [String], around dataset: String) -> ToolCommand {
        command([
            "get", "-Hpr", "-d", "1", "-o", "name,property,value", names.joined(separator: ","),
            dataset,
        ])
    }

    /// Where every file system of a pool comes from.
    func origins(in pool: String) -> ToolCommand {
        command(["get", "-Hpr", "-o", "name,property,value", "origin", pool])
    }

    /// A file system that is mounted only when we say so.
    func create(_ dataset: String, mountpoint: String) -> ToolCommand {
        command([
            "create", "-p", "-o", "canmount=noauto", "-o", "mountpoint=\(mountpoint)", dataset,
        ])
    }

    /// A place for data sets, never mounted itself.
    func createContainer(_ dataset: String) -> ToolCommand {
        command(["create", "-p", "-o", "canmount=off", "-o", "mountpoint=none", dataset])
    }

    func set(_ property: String, _ value: String, of dataset: String) -> ToolCommand {
        command(["set", "\(property)=\(value)", dataset])
    }

    func inherit(_ property: String, of dataset: String) -> ToolCommand {
        command(["inherit", property, dataset])
    }

    func mount(_ dataset: String) -> ToolCommand { command(["mount", dataset]) }

    /// Without force: it fails if a process uses the data set.
    func unmount(_ dataset: String) -> ToolCommand { command(["unmount", dataset]) }

    func snapshot(_ snapshot: String) -> ToolCommand { command(["snapshot", snapshot]) }

    /// Not recursive: it fails if anything depends on the data set or snapshot.
    func destroy(_ name: String) -> ToolCommand {
        command(["destroy", name], limit: Self.destroyLimit)
    }

    /// With the data set's snapshots and children, but not with clones elsewhere.
    func destroyAll(_ dataset: String) -> ToolCommand {
        command(["destroy", "-r", dataset], limit: Self.destroyLimit)
    }

    func hold(_ snapshot: String, tag: String) -> ToolCommand { command(["hold", tag, snapshot]) }

    func release(_ snapshot: String, tag: String) -> ToolCommand {
        command(["release", tag, snapshot])
    }

    /// Without `-r`: it fails if there are newer snapshots.
    func rollback(_ snapshot: String) -> ToolCommand {
        command(["rollback", snapshot], limit: Self.destroyLimit)
    }

    func clone(_ snapshot: String, as dataset: String, mountpoint: String) -> ToolCommand {
        command([
            "clone", "-o", "canmount=noauto", "-o", "mountpoint=\(mountpoint)", snapshot, dataset,
        ])
    }

    func rename(_ dataset: String, to name: String) -> ToolCommand {
        command(["rename", dataset, name])
    }

    /// A snapshot, or what changed since `base`, which is the full name of another.
    func send(_ snapshot: String, since base: String?) -> ToolCommand {
        command(["send"] + (base.map { ["-i", $0] } ?? []) + [snapshot])
    }

    /// Not mounted (`-u`); onto existing data its newest snapshot is returned to first (`-F`).
    func receive(_ snapshot: String, ontoExisting: Bool) -> ToolCommand {
        command(["receive", "-u"] + (ontoExisting ? ["-F"] : []) + [snapshot])
    }

    /// Prints who may do what; it fails where rights cannot be delegated.
    func allowances(on dataset: String) -> ToolCommand { command(["allow", dataset]) }

    private func command(_ arguments: [String], limit: Duration = .seconds(60)) -> ToolCommand {
        ToolCommand(path: path, arguments: arguments, limit: limit)
    }
}
