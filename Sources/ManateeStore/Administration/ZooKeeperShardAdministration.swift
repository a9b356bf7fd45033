import ManateeCore
import ManateePorts
import ZooKeeperClient

/// One shard's directory in ZooKeeper, uninterpreted.
struct ZooKeeperShardAdministration: ShardAdministration {
    /// How many entries are asked for at a time.
    private static let readAhead = 64

    let client: ZooKeeperClient
    let paths: ShardPaths
    let accessList: [ACL]

    func readState() async throws(ShardAccessFailure) -> StoredState? {
        do {
            guard let node = try await client.latest(paths.state) else { return nil }
            return StoredState(
                data: node.data,
                version: StateVersion(Int64(node.stat.version))
            )
        } catch {
            throw failure("read \(paths.state)", error)
        }
    }

    func electionEntries() async throws(ShardAccessFailure) -> [ElectionEntry]? {
        try await entries(of: paths.election)?
            .map { ElectionEntry(name: $0.name, data: $0.node.data) }
            .sorted { $0.name < $1.name }
    }

    func historyEntries() async throws(ShardAccessFailure) -> [HistoryEntry]? {
        try await entries(of: paths.history)?.map { name, node in
            HistoryEntry(
                name: name,
                createdMilliseconds: Int64(node.stat.creationTime / .milliseconds(1)),
                data: node.data
            )
        }
    }

    func replaceState(_ data: [UInt8], expecting: StateVersion) async -> ReplaceOutcome {
        await write(data, expecting: expecting)
    }

    func createState(_ data: [UInt8]) async -> ReplaceOutcome {
        await write(data, expecting: nil)
    }

    func readConfiguration() async throws(ShardAccessFailure) -> StoredConfiguration? {
        do {
            guard let node = try await client.latest(paths.configuration) else { return nil }
            return StoredConfiguration(
                data: node.data,
                version: StateVersion(Int64(node.stat.version)),
                path: paths.configuration
            )
        } catch {
            throw failure("read \(paths.configuration)", error)
        }
    }

    func writeConfiguration(_ data: [UInt8], expecting: StateVersion?) async -> ReplaceOutcome {
        do {
            if let expecting {
                try await client.set(
                    paths.configuration,
                    data: data,
                    version: Int32(truncatingIfNeeded: expecting.number)
                )
            } else {
                try await client.create(paths.configuration, data: data, acl: accessList)
            }
            return .written
        } catch {
            switch error.code {
            case .badVersion, .nodeExists: return .conflict
            case .noNode:
                return expecting == nil
                    ? .refused("the shard's directory \(paths.root) does not exist") : .conflict
            case .notAuthorized, .invalidACL, .invalidPath, .authenticationFailed:
                return .refused("\(error)")
            default: return .unknown("\(error)")
            }
        }
    }

    func version1Error() async throws(ShardAccessFailure) -> [UInt8]? {
        do {
            return try await client.latest(paths.version1Error)?.data
        } catch {
            throw failure("read \(paths.version1Error)", error)
        }
    }

    /// Writes the state over the version that is expected; nil: there must be none.
    private func write(_ data: [UInt8], expecting: StateVersion?) async -> ReplaceOutcome {
        let transaction = StateTransaction(
            paths: paths,
            accessList: accessList,
            writer: .administrator,
            data: data,
            expecting: expecting
        )
        return switch await transaction.commit(with: client) {
        case .written: .written
        case .conflict: .conflict
        case .refused(let detail): .refused(detail)
        case .unknown(let detail): .unknown(detail)
        }
    }

    // MARK: Entries

    private typealias Entry = (name: String, node: NodeData)

    /// The directory's children with their data; nil if there is no directory.
    private func entries(of directory: String) async throws(ShardAccessFailure) -> [Entry]? {
        let names: [String]
        do {
            names = try await client.children(of: directory).names
        } catch {
            if error.code == .noNode { return nil }
            throw failure("list \(directory)", error)
        }
        let result = await withTaskGroup(of: Result<Entry?, ZooKeeperError>.self) { group in
            var rest = names[...]
            var entries: [Entry] = []
            func readNext(_ group: inout TaskGroup<Result<Entry?, ZooKeeperError>>) {
                guard let name = rest.popFirst() else { return }
                group.addTask { await entry(name, in: directory) }
            }
            for _ in 0..<Self.readAhead { readNext(&group) }
            for await result in group {
                switch result {
                case .success(let entry): if let entry { entries.append(entry) }
                case .failure(let error):
                    group.cancelAll()
                    return Result<[Entry], ZooKeeperError>.failure(error)
                }
                readNext(&group)
            }
            return .success(entries)
        }
        switch result {
        case .success(let entries): return entries
        case .failure(let error): throw failure("read \(directory)", error)
        }
    }

    /// The entry; nil if it ended since the names were read.
    private func entry(
        _ name: String,
        in directory: String
    ) async -> Result<Entry?, ZooKeeperError> {
        do {
            return .success((name, try await client.get("\(directory)/\(name)")))
        } catch {
            return error.code == .noNode ? .success(nil) : .failure(error)
        }
    }

    private func failure(_ what: String, _ error: ZooKeeperError) -> ShardAccessFailure {
        ShardAccessFailure("cannot \(what) in ZooKeeper: \(error)")
    }
}
