/// Which ports the processes of a local shard listen on.
///
/// A plan is made once per directory and kept, so that connection strings stay true between runs.
package struct PortPlan: Codable, Equatable, Sendable {
    /// The ports of one peer.
    package struct Peer: Codable, Equatable, Sendable {
        /// Postgres.
        package var postgres: Int
        /// The backup server; part of the peer's identity.
        package var backup: Int

        /// Ports of these numbers.
        package init(postgres: Int, backup: Int) {
            self.postgres = postgres
            self.backup = backup
        }

        /// The sitter's status server: always the one after postgres.
        package var status: Int { postgres + 1 }

        /// The sitter's beats.
        package var heartbeat: Int { postgres + 3 }
    }

    /// In order of the peers, which count from 1.
    package var peers: [Peer]
    /// Where clients reach the store's servers, in their order.
    package var storeNodes: [Int]

    /// The plan with these ports.
    package init(peers: [Peer], storeNodes: [Int]) {
        self.peers = peers
        self.storeNodes = storeNodes
    }

    /// The distance between peers, as in the original's development setup.
    package static let step = 10

    /// Finds ports for what `existing` lacks; what it has stays as it is.
    ///
    /// Each peer and each server gets the first decade of numbers, counted from `start`, in which all
    /// of its ports are free.
    ///
    /// - Parameters:
    ///   - peers: how many peers there are to be; more in `existing` are kept.
    ///   - storeNodes: how many ZooKeeper servers there are to be.
    ///   - existing: the plan so far.
    ///   - start: the first number to try.
    ///   - isFree: whether nobody listens on a port.
    /// - Returns: the plan with all of its ports.
    /// - Throws: `PortPlanFailure` when no ports are left below 65536.
    package static func plan(
        peers: Int,
        storeNodes: Int,
        existing: PortPlan? = nil,
        startingAt start: Int,
        isFree: (Int) -> Bool
    ) throws(PortPlanFailure) -> PortPlan {
        var plan = existing ?? PortPlan(peers: [], storeNodes: [])
        let taken = Set(plan.allPorts)
        var base = start
        func nextDecade(_ offsets: [Int]) throws(PortPlanFailure) -> Int {
            while base + step <= 65_536 {
                let candidate = base
                base += step
                if offsets.allSatisfy({
                    !taken.contains(candidate + $0) && isFree(candidate + $0)
                }) {
                    return candidate
                }
            }
            throw PortPlanFailure(start: start)
        }
        while plan.peers.count < peers {
            let port = try nextDecade([0, 1, 2, 3])
            plan.peers.append(Peer(postgres: port, backup: port + 2))
        }
        while plan.storeNodes.count < storeNodes {
            plan.storeNodes.append(try nextDecade([0]))
        }
        return plan
    }

    /// Every port of the plan.
    package var allPorts: [Int] {
        peers.flatMap { [$0.postgres, $0.status, $0.backup, $0.heartbeat] }
            + storeNodes
    }
}

/// No free ports were found.
package struct PortPlanFailure: Error, Equatable, CustomStringConvertible {
    /// Where the search began.
    package var start: Int

    /// What was looked for, and what to do.
    package var description: String {
        "no free ports from \(start) on; stop what listens there, or use another directory"
    }
}
