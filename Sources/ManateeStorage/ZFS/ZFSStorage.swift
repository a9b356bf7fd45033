import Logging
import ManateePorts

/// A peer's data as a ZFS data set.
///
/// Siblings of the data set hold what is not the data: `isolated/NAME`, `clones/NAME` and
/// `incoming/NAME`, none of which is ever mounted by itself.
struct ZFSStorage: DataStorage {
    /// How long a data set may stay busy after its last unmount or receipt: zfs-fuse lags behind.
    private static let busyLimit = Duration.seconds(10)

    let settings: ZFSSettings
    let commands: ZFSCommands
    let logger: Logger
    let runner = ToolRunner()

    init(settings: ZFSSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        commands = ZFSCommands(path: settings.zfsPath)
    }

    var dataPath: String { settings.mountpoint }
    var dataset: String { settings.dataset }
    var parent: String {
        dataset.lastIndex(of: "/").map { String(dataset[..<$0]) } ?? dataset
    }
    var pool: String { String(dataset.prefix { $0 != "/" }) }

    // MARK: What there is

    func capabilities() async throws(StorageFailure) -> StorageCapabilities {
        let answer = try await runner.output(of: commands.usage())
        let usage = ZFSUsage(answer.errors + answer.output)
        var remarks: [String] = []
        if !usage.resumableReceive {
            remarks.append("this version of zfs cannot resume an interrupted transfer")
        }
        var delegation = false
        if usage.offersDelegation {
            delegation = try await runner.output(of: commands.allowances(on: pool)).status == 0
        }
        if !delegation { remarks.append("'zfs allow' does not work here: zfs needs root") }
        return StorageCapabilities(
            streamFormat: "zfs",
            snapshots: true,
            atomicSnapshots: true,
            incrementalSend: true,
            resumableReceive: usage.resumableReceive,
            delegation: delegation,
            remarks: remarks
        )
    }

    func exists() async throws(StorageFailure) -> Bool { try await exists(dataset) }

    func space() async throws(StorageFailure) -> StorageSpace {
        let names = ["used", "available", "usedbysnapshots"]
        // Before there is data, what counts is the room that it would get.
        guard try await exists() else {
            let facts = try await properties(names, of: pool)
            guard let free = facts.number("available", of: pool) else {
                throw unexpected("the space of \(pool)")
            }
            return StorageSpace(total: free, free: free, usedBySnapshots: 0)
        }
        let facts = try await properties(names, of: dataset)
        guard let used = facts.number("used", of: dataset),
            let free = facts.number("available", of: dataset)
        else { throw unexpected("the space of \(dataset)") }
        return StorageSpace(
            total: used + free,
            free: free,
            usedBySnapshots: facts.number("usedbysnapshots", of: dataset)
        )
    }

    // MARK: Mounting

    func prepare(
        creating: Bool,
        owner: StorageOwner?
    ) async throws(StorageFailure) -> Bool {
        guard SnapshotName.isWord(dataset.replacing("/", with: "-")), dataset.contains("/") else {
            throw StorageFailure(
                .failed,
                "'\(dataset)' is no data set below a pool: name one like tank/manatee"
            )
        }
        await sweep()
        if try await !exists() {
            guard creating else { return false }
            try await run(commands.create(dataset, mountpoint: settings.mountpoint))
            logger.info("data set created", metadata: ["storage.dataset": "\(dataset)"])
        }
        let names = ["canmount", "mountpoint", "mounted", "snapdir"]
        let facts = try await properties(names, of: dataset)
        let isMounted = facts.value("mounted", of: dataset) == "yes"
        try requireNothingForeign(mounted: isMounted)
        if facts.value("canmount", of: dataset) != "noauto" {
            try await run(commands.set("canmount", "noauto", of: dataset))
        }
        if facts.value("mountpoint", of: dataset) != settings.mountpoint {
            try await run(commands.set("mountpoint", settings.mountpoint, of: dataset))
        }
        // A visible .zfs would be walked by whatever walks the data.
        if facts.value("snapdir", of: dataset) == "visible" {
            try await run(commands.inherit("snapdir", of: dataset))
        }
        if !isMounted {
            try HostFiles.makeDirectory(settings.mountpoint)
            try await run(commands.mount(dataset))
        }
        try requireMounted()
        if let owner { try await runner.give(settings.mountpoint, to: owner) }
        return true
    }

    /// Before anything changes: nothing but the data set is at its place, and it is nowhere else.
    private func requireNothingForeign(mounted: Bool) throws(StorageFailure) {
        let table = try MountTable.current()
        let elsewhere = table.ofDataset(dataset).first { $0.path != settings.mountpoint }
        if let elsewhere {
            throw StorageFailure(
                .foreignMount,
                "\(dataset) is mounted at \(elsewhere.path) instead of \(settings.mountpoint):"
                    + " unmount it"
            )
        }
        let other = table.at(settings.mountpoint).first { $0.source != dataset }
        if let other {
            throw StorageFailure(
                .foreignMount,
                "\(other.source) (\(other.type)) is mounted at \(settings.mountpoint), where"
                    + " \(dataset) belongs: unmount it"
            )
        }
        if !mounted, let names = HostFiles.names(in: settings.mountpoint), let first = names.first {
            throw StorageFailure(
                .foreignMount,
                "\(settings.mountpoint) is not empty (\(first)), and mounting \(dataset) would hide"
                    + " that: move it away"
            )
        }
    }

    /// After mounting: exactly this data set, once, and nothing else.
    private func requireMounted() throws(StorageFailure) {
        let table = try MountTable.current()
        let here = table.at(settings.mountpoint)
        guard here.count == 1, table.ofDataset(dataset).map(\.path) == [settings.mountpoint] else {
            let seen = here.map { "\($0.source) (\($0.type))" }.joined(separator: ", ")
            throw StorageFailure(
                .foreignMount,
                "zfs says that \(dataset) is mounted at \(settings.mountpoint), but"
                    + " /proc/self/mounts has there: \(seen.isEmpty ? "nothing" : seen)"
            )
        }
    }

    /// Unmounts a data set that no process uses, and sees that it is gone.
    func unmount(_ name: String) async throws(StorageFailure) {
        for mount in try MountTable.current().ofDataset(name) {
            try ProcessUse.requireUnused(mount.path, mountedTree: true)
            try await run(commands.unmount(name))
        }
        let facts = try await properties(["mounted"], of: name)
        let left = try MountTable.current().ofDataset(name)
        guard facts.value("mounted", of: name) != "yes", left.isEmpty else {
            throw StorageFailure(.inUse, "\(name) is still mounted after it was unmounted")
        }
    }

    /// Destroys what killed processes left half-received or cloned.
    private func sweep() async {
        for container in ["\(parent)/clones", "\(parent)/incoming"] {
            // A container that is not there holds nothing.
            guard let names = try? await childNames(of: container) else { continue }
            for name in names where TransientName.isLeftover(name) {
                do {
                    try await destroyTransient("\(container)/\(name)")
                } catch {
                    logger.warning(
                        "leftover stays",
                        metadata: ["storage.dataset": "\(container)/\(name)", "error": "\(error)"]
                    )
                }
            }
        }
    }

    /// Unmounts and destroys a data set that was made for a while.
    func destroyTransient(_ name: String) async throws(StorageFailure) {
        try await unmount(name)
        try await runWhenFree(commands.destroyAll(name))
    }

    // MARK: Running zfs

    /// Runs a command on a data set that may stay busy for a while after its last use.
    func runWhenFree(_ command: ToolCommand) async throws(StorageFailure) {
        let deadline = ContinuousClock.now + Self.busyLimit
        while true {
            do {
                try await run(command)
                return
            } catch {
                guard error.kind == .inUse, ContinuousClock.now < deadline else { throw error }
            }
            // Cancelled or not, it has to be done; a cancelled wait only asks more often.
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    func exists(_ name: String) async throws(StorageFailure) -> Bool {
        let answer = try await runner.output(of: commands.list(name))
        if answer.status == 0 { return true }
        guard ZFSMessage.kind(answer.errors) == .missing else {
            throw failure(commands.list(name), answer)
        }
        return false
    }

    func properties(
        _ names: [String],
        of dataset: String
    ) async throws(StorageFailure) -> ZFSProperties {
        ZFSProperties(try await run(commands.properties(names, of: dataset)))
    }

    /// The last parts of the names of the file systems right below a data set.
    func childNames(of container: String) async throws(StorageFailure) -> [String] {
        try await run(commands.children(of: container)).split(separator: "\n")
            .filter { $0.hasPrefix(container + "/") }
            .map { String($0.dropFirst(container.count + 1)) }
    }

    /// Makes sure that a place for data sets is there.
    func makeContainer(_ name: String) async throws(StorageFailure) {
        if try await exists(name) { return }
        try await run(commands.createContainer(name))
    }

    @discardableResult
    func run(_ command: ToolCommand) async throws(StorageFailure) -> String {
        let answer = try await runner.output(of: command)
        guard answer.status == 0 else { throw failure(command, answer) }
        return answer.output
    }

    private func failure(_ command: ToolCommand, _ answer: ToolRunner.Output) -> StorageFailure {
        StorageFailure(
            ZFSMessage.kind(answer.errors),
            "'\(command.words)' failed (status \(answer.status)): \(answer.errors.lastWords)"
        )
    }

    func unexpected(_ what: String) -> StorageFailure {
        StorageFailure(.failed, "zfs did not tell \(what): is it a version that is not known here?")
    }
}
