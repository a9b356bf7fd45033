import ManateeCore
import ManateeWire
import ZooKeeperClient

/// A write of the cluster state together with its entry in the history: both or none.
struct StateTransaction: Sendable {
    /// The largest state that can be written, in bytes.
    ///
    /// The transaction holds the state twice, and a server takes 1,048,575 bytes at most; 4 KiB are
    /// left for paths and access lists.
    static let maximumBytes = (1_048_575 - 4_096) / 2

    /// How the transaction ended.
    enum Outcome: Sendable {
        case written(StateVersion)
        case conflict
        case refused(String)
        case unknown(String)
    }

    /// Who writes, which shows in the order of the steps and in the history.
    enum Writer: Equatable, Sendable {
        case peer(Generation)
        case administrator
    }

    let paths: ShardPaths
    let accessList: [ACL]
    let writer: Writer
    let data: [UInt8]
    /// The version that the state must have; nil: there must be none.
    let expecting: StateVersion?

    /// Carries the transaction out in the session of `client`.
    func commit(with client: ZooKeeperClient) async -> Outcome {
        guard data.count <= Self.maximumBytes else {
            return .refused(
                "the cluster state has \(data.count) bytes, and ZooKeeper takes "
                    + "\(Self.maximumBytes) at most; remove what others than Manatee put into it, "
                    + "or peers that no longer exist"
            )
        }
        guard let stateStep else { return .conflict }
        let first = await attempt(stateStep, with: client)
        guard case .historyMissing = first else { return first.outcome }
        // Somebody removed it, which must not keep a peer from taking over.
        do {
            try await client.makeDirectory(paths.history, below: paths.root, acl: accessList)
        } catch {
            return .refused("writing \(paths.state): \(error)")
        }
        return await attempt(stateStep, with: client).outcome
    }

    private enum Attempt {
        case ended(Outcome)
        case historyMissing(ZooKeeperError)

        var outcome: Outcome {
            switch self {
            case .ended(let outcome): outcome
            case .historyMissing(let error): .refused("writing the history: \(error)")
            }
        }
    }

    private func attempt(
        _ stateStep: MultiOperation,
        with client: ZooKeeperClient
    ) async -> Attempt {
        let historyStep = MultiOperation.create(
            historyPrefix,
            data: data,
            mode: .persistentSequential,
            acl: accessList
        )
        let steps: [MultiOperation]
        switch writer {
        case .peer: steps = [historyStep, stateStep]
        case .administrator: steps = [stateStep, historyStep]
        }
        do {
            return attempt(try await client.multi(steps))
        } catch {
            return .ended(failed(error))
        }
    }

    private var historyPrefix: String {
        switch writer {
        case .peer(let generation): paths.historyPrefix(for: generation)
        case .administrator: paths.operatorHistoryPrefix
        }
    }

    /// Nil if no state can have the version that is expected.
    private var stateStep: MultiOperation? {
        guard let expecting else {
            return .create(paths.state, data: data, mode: .persistent, acl: accessList)
        }
        guard let version = Int32(exactly: expecting.number) else { return nil }
        return .set(paths.state, data: data, version: version)
    }

    private func attempt(_ result: MultiResult) -> Attempt {
        if let failure = result.failure { return attempt(failure.error) }
        for step in result.results {
            switch step {
            case .set(let stat): return .ended(.written(StateVersion(Int64(stat.version))))
            // A node begins at version 0.
            case .created(let path) where path == paths.state:
                return .ended(.written(StateVersion(0)))
            case .created, .deleted, .checked, .rolledBack, .failed, .notAttempted: continue
            }
        }
        return .ended(.unknown("writing \(paths.state): the server's answer names no version"))
    }

    private func attempt(_ error: ZooKeeperError) -> Attempt {
        switch error.code {
        case .badVersion, .nodeExists:
            return .ended(.conflict)
        // Removed since it was read: the version that was expected is gone.
        case .noNode where error.path == paths.state && expecting != nil:
            return .ended(.conflict)
        case .noNode:
            return .historyMissing(error)
        default:
            return .ended(failed(error))
        }
    }

    private func failed(_ error: ZooKeeperError) -> Outcome {
        let detail = "writing \(paths.state): \(error)"
        return error.outcomeUnknown ? .unknown(detail) : .refused(detail)
    }
}
