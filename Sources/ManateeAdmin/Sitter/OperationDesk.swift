package import ManateeCore
package import ManateePorts

/// Carries out what operators ask a sitter's server to do.
///
/// It writes to the store what `manatee-adm` writes, one order after the other, and the sitters do the rest. A
/// restore, which can take hours, keeps nobody waiting; there is one at a time.
package actor OperationDesk: ShardOperations {
    /// How many operations may wait; more are refused.
    static let waitingLimit = 8
    /// How long to wait between two looks at the state.
    private static let lookPeriod = Duration.milliseconds(100)
    /// How long each postgres has to answer while a restore is watched.
    private static let probeLimit = Duration.seconds(1)

    private let status: any SitterStatus
    private let ports: AdmPorts
    private let target: ShardTarget
    private let peer: any LocalPeer
    private let wallClock: @Sendable () -> WallTime
    private let queue: AsyncStream<Int>
    private let sink: AsyncStream<Int>.Continuation
    private let restores: AsyncStream<Int>
    private let restoreSink: AsyncStream<Int>.Continuation
    /// What the last restore that was begun tells.
    private var restoreRemarks: (number: Int, box: RemarkBox)?
    private var kept: [ShardOperation] = []
    private var count = 0

    /// A desk for the shard called `shard` in the store at `servers`.
    ///
    /// - Parameters:
    ///   - status: tells what the shard is now, to refuse at once what is not possible.
    ///   - store: the way to the store.
    ///   - servers: the store's connection string.
    ///   - shard: the shard's name.
    ///   - peer: the peer whose sitter this is.
    ///   - probe: looks at each peer's postgres.
    ///   - wallClock: tells the time of day.
    package init(
        status: any SitterStatus,
        store: any ShardConnector,
        servers: String,
        shard: String,
        peer: any LocalPeer,
        probe: any PostgresProbe,
        wallClock: @escaping @Sendable () -> WallTime
    ) {
        self.status = status
        self.wallClock = wallClock
        self.peer = peer
        target = ShardTarget(store: StoreTarget(servers: servers), shard: shard)
        ports = AdmPorts(
            store: { _ in store },
            probe: { _ in probe },
            sitters: { _ in throw AdmFailure.operation("no sitter is asked here") },
            inspection: { _ in throw AdmFailure.operation("no postgres is inspected here") },
            host: { throw AdmFailure.operation("no host is examined here") },
            zoneID: { _ in throw AdmFailure.operation("no configuration is read here") },
            localPeer: { _ in peer },
            roleChanges: { _, _ in throw AdmFailure.operation("no sitter is asked here") },
            console: NobodyThere(),
            storage: { _ in throw AdmFailure.operation("no storage is touched here") },
            inspector: { _ in throw AdmFailure.operation("no copy is looked at here") },
            configuration: ConfigurationTools(
                parameters: { _ in throw AdmFailure.operation("no parameter is asked for here")
                },
                sitters: { _ in throw AdmFailure.operation("no sitter is asked here") },
                document: { _, _ in throw AdmFailure.operation("no document is read here") },
                editor: NobodyThere()
            ),
            readFile: { _ in throw AdmFailure.operation("no file is read here") },
            now: { wallClock().milliseconds },
            pause: { try await Task.sleep(for: $0) }
        )
        (queue, sink) = AsyncStream.makeStream()
        (restores, restoreSink) = AsyncStream.makeStream()
    }

    /// Carries out what was begun until the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { for await number in self.restores { await self.carryOut(number) } }
            group.addTask { for await number in self.queue { await self.carryOut(number) } }
        }
    }

    /// Begins `order`, unless it is refused from the start.
    package func begin(_ order: ShardOrder) async -> Result<ShardOperation, OrderRefusal> {
        if let why = OrderCheck(view: await status.peerView(), zoneID: peer.zoneID)
            .refusal(of: order)
        {
            return .failure(.notNow(why))
        }
        if order == .restore,
            let other = kept.first(where: { $0.order == order && !$0.progress.isOver })
        {
            return .failure(.notNow("a restore is under way; follow /operations/\(other.number)"))
        }
        guard kept.count(where: { !$0.progress.isOver }) < Self.waitingLimit else {
            return .failure(
                .busy(
                    "\(Self.waitingLimit) operations are under way; see /operations, and try again"
                )
            )
        }
        count += 1
        let operation = ShardOperation(
            number: count,
            order: order,
            began: wallClock(),
            progress: .running("waiting for its turn")
        )
        kept.append(operation)
        if kept.count > ShardOperation.kept, let old = kept.firstIndex(where: \.progress.isOver) {
            kept.remove(at: old)
        }
        (order == .restore ? restoreSink : sink).yield(count)
        return .success(operation)
    }

    /// The operation with this number; nil if there was none or it is forgotten.
    package func operation(_ number: Int) -> ShardOperation? {
        operations().first { $0.number == number }
    }

    /// The operations that are remembered, oldest first.
    package func operations() -> [ShardOperation] {
        kept.map { operation in
            var operation = operation
            if !operation.progress.isOver, restoreRemarks?.number == operation.number,
                let last = restoreRemarks?.box.last
            {
                operation.progress = .running(last)
            }
            return operation
        }
    }

    // MARK: Carrying out

    private func carryOut(_ number: Int) async {
        guard let order = operation(number)?.order else { return }
        let remarks = RemarkBox()
        let session = AdmSession(environment: [:], ports: ports, output: remarks)
        if order == .restore { restoreRemarks = (number, remarks) }
        do {
            settle(number, .succeeded(try await result(of: order, number, in: session)))
        } catch let failure as AdmFailure {
            // What a restore remarks is how far it is, not what went wrong.
            let remarks = order == .restore ? [] : remarks.taken
            settle(number, .failed((remarks + [failure.message]).joined(separator: " ")))
        } catch {
            settle(number, .failed("\(error)"))
        }
    }

    private func settle(_ number: Int, _ progress: ShardOperation.Progress) {
        guard let index = kept.firstIndex(where: { $0.number == number }) else { return }
        kept[index].progress = progress
        if progress.isOver { kept[index].ended = wallClock() }
    }

    private func result(
        of order: ShardOrder,
        _ number: Int,
        in session: AdmSession
    ) async throws -> String {
        settle(number, .running("writing to the store"))
        switch order {
        case .freeze(let reason):
            let date = Timestamp(milliseconds: wallClock().milliseconds).text
            try await StateEdit.freezing(date: date, reason: reason)
                .carryOut(on: target, in: session)
            return "the shard is frozen"
        case .unfreeze:
            try await StateEdit.unfreezing.carryOut(on: target, in: session)
            return "the shard is not frozen any more"
        case .clearPromote:
            try await StateEdit.clearingPromote.carryOut(on: target, in: session)
            return "the request to promote is taken back"
        case .switchover:
            return try await promote(nil, number, in: session)
        case .promote(let peer):
            return try await promote(peer, number, in: session)
        case .reap(let peer):
            try await StateEdit.reaping(peer, by: ["id", "zoneId"]).carryOut(
                on: target,
                in: session
            )
            return "\(peer) is not deposed any more"
        case .restore:
            return try await restore(in: session)
        }
    }

    /// Asks the own sitter to make the data anew, and waits until the peer streams again.
    private func restore(in session: AdmSession) async throws -> String {
        let rebuild = Rebuild(peer: peer, target: target, session: session, limit: Self.probeLimit)
        let start = try await rebuild.check()
        try await rebuild.carryOut(start, showingOn: ProgressDisplay(session, isQuiet: false))
        return "the data was made anew, and \(peer.zoneID) streams"
    }

    /// Asks the sitters to promote a peer (nil: the sync), and waits until they did.
    private func promote(
        _ name: String?,
        _ number: Int,
        in session: AdmSession
    ) async throws -> String {
        let target = target
        let state = try await session.withShard(target) { store in
            guard let stored = try await store.readState() else { throw target.missingState }
            return try StoredJSON.state(stored.data)
        }
        let plan = try PromotionPlan(promoting: name, in: state)
        guard state.promote?.isTruthy != true else {
            throw AdmFailure.operation(
                "a request to promote is pending; wait for it, or take it back with clear-promote"
            )
        }
        settle(number, .running("waiting until the sitters have promoted \(plan.peer.label)"))
        _ = try await PromotionRequest(plan: plan, state: state)
            .carryOut(on: target, in: session, lookingEvery: Self.lookPeriod)
        return "\(plan.peer.label) is promoted"
    }
}

extension PromotionPlan {
    /// The promotion of the peer that is called `name`, by its id or its zone; nil: of the sync.
    ///
    /// - Throws: `AdmFailure` if the state does not allow it.
    init(promoting name: String?, in state: ClusterState) throws(AdmFailure) {
        guard let name else {
            guard let sync = state.sync else { throw .operation("the shard has no sync") }
            try self.init(Wish(role: "sync", zoneName: sync.zoneID), in: state)
            return
        }
        if let sync = state.sync, sync.isCalled(name) {
            try self.init(Wish(role: "sync", zoneName: sync.zoneID), in: state)
            return
        }
        guard let index = state.async.firstIndex(where: { $0.isCalled(name) }) else {
            throw .operation("neither the sync nor an async is called \"\(name.prefix(60))\"")
        }
        try self.init(
            Wish(role: "async", zoneName: state.async[index].zoneID, asyncIndex: index),
            in: state
        )
    }
}

extension Peer {
    /// Whether an operator means this peer by `name`.
    func isCalled(_ name: String) -> Bool { id.text == name || zoneID == name }
}

/// A console without anybody before it.
private struct NobodyThere: AdmConsole {
    var isAttended: Bool { false }

    var showsProgress: Bool { false }

    func readLine() -> String? { nil }
}

extension NobodyThere: TextEditor {
    func edit(_ text: String) async throws -> (text: String, path: String) {
        throw AdmFailure.operation("no text is edited here")
    }

    func discard(_ path: String) {}
}
