import ArgumentParser
import ManateeCore
import ManateePorts
import ManateeWire

/// `state-backfill`: gives a shard of Manatee 1 its first cluster state.
struct BackfillCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "state-backfill",
        abstract: "Create the cluster state of a shard from its election (Manatee 1 to 2).",
        usage: "manatee-adm state-backfill [OPTIONS]"
    )

    @OptionGroup var shard: ShardOptions
    @OptionGroup var confirmation: ConfirmOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let isJSON = try output.isJSON()
        let entries = try await session.withShard(target) { store in
            guard try await store.readState() == nil else { throw target.existingState }
            return try await store.electionEntries() ?? []
        }
        guard var state = try Version1Roles(entries).backfilled else {
            throw AdmFailure.operation("no peer stands for election in shard: \"\(target.shard)\"")
        }
        state.freeze = .explained([
            "date": .string(Timestamp(milliseconds: session.ports.now()).text),
            "reason": .string("manatee-adm state-backfill"),
        ])
        let table = PeerTable(columns: PeerColumn.ofPeers).text(ClusterDetails(state: state))
        try session.remark("The shard will begin frozen, with these roles:\n\n\(table)\n")
        try confirmation.confirm("Write this cluster state?", in: session)
        let data = ClusterStateJSON.encode(state)
        try await session.withShard(target) { try await create(data, in: $0, target) }
        try Completion(
            operation: "state-backfill",
            shard: target.shard,
            text: "Ok."
        ).write(asJSON: isJSON, in: session)
        return .success
    }

    private func create(
        _ data: [UInt8],
        in store: any ShardAdministration,
        _ target: ShardTarget
    ) async throws {
        switch await store.createState(data) {
        case .written:
            return
        case .conflict:
            throw target.existingState
        case .refused(let why):
            throw AdmFailure.operation("cannot write the cluster state: \(why)")
        case .unknown(let why):
            // The state itself tells whether it was written.
            if try await store.readState()?.data == data { return }
            throw AdmFailure.operation("cannot write the cluster state: \(why)")
        }
    }
}

extension ShardTarget {
    fileprivate var existingState: AdmFailure {
        .operation("a state object exists already for shard: \"\(shard)\"")
    }
}
