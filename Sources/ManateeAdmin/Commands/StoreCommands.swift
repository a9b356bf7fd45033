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
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        // The text is JSON already.
        _ = try output.isJSON()
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
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        // The text is JSON already.
        _ = try output.isJSON()
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
        usage: "manatee-adm version [OPTIONS]"
    )

    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let version = ManateeVersion.text
        let object = JSONValue.object(["version": .string(version)])
        try session.write((try output.isJSON() ? JSONText.text(object) : version) + "\n")
        return .success
    }
}
