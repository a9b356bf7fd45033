import ArgumentParser
import ManateeCore
import ManateePorts
import ManateeWire

/// `zk-state`: the cluster state as it is stored.
struct StateCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "zk-state",
        abstract: "Show the raw cluster state stored in ZooKeeper.",
        usage: "manatee-adm zk-state [OPTIONS]"
    )

    @OptionGroup var shard: ShardOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let stored = try await session.withShard(target) { store in
            guard let stored = try await store.readState() else { throw target.missingState }
            return stored
        }
        try session.write(StoredJSON.oneLine(stored.data, what: "the cluster state") + "\n")
        return .success
    }
}

/// `zk-active`: the entries of the election as they are stored, stale ones included.
struct ActiveCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "zk-active",
        abstract: "Show the cluster peers connected to ZooKeeper.",
        usage: "manatee-adm zk-active [OPTIONS]"
    )

    @OptionGroup var shard: ShardOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let entries = try await session.withShard(target) { store in
            guard let entries = try await store.electionEntries() else {
                throw AdmFailure.operation("no election exists for shard: \"\(target.shard)\"")
            }
            return entries
        }
        let members = try entries.map { entry in
            let data = try StoredJSON.oneLine(entry.data, what: "the entry \(entry.name)")
            return JSONText.text(.string(entry.name)) + ":" + data
        }
        try session.write("{" + members.joined(separator: ",") + "}\n")
        return .success
    }
}

/// `version`: the version of this software.
struct VersionCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show the version of this Manatee client.",
        usage: "manatee-adm version"
    )

    func execute(in session: AdmSession) async throws -> AdmExit {
        try session.write(ManateeVersion.text + "\n")
        return .success
    }
}
