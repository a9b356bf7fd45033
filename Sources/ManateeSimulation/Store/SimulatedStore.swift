package import ManateeCore

/// The coordination store: one state with its version, and the sessions that stand for election.
package struct SimulatedStore: Hashable, Sendable {
    /// One client's session.
    struct Session: Hashable, Sendable {
        var id: Int
        var peer: Int
        /// When the client was last heard.
        var heard: SimulatedTime
        /// Whether its entry says that the peer lacks room.
        var isShort = false
    }

    /// The state; nil if there is none.
    package var value: VersionedState?
    /// The number of history entries.
    package var historyCount = 0
    /// Sessions in the order of their election nodes.
    var sessions: [Session] = []
    var nextSession = 1
    /// How many outages are going on.
    var outages = 0
    /// What it held before, oldest first, for a restore.
    var earlier: [VersionedState] = []

    /// The peers that stand for election and do not lack room, in election order, each once.
    ///
    /// A peer that came back before its old session expired counts from its newest node on.
    package var members: [Int] {
        var members: [Int] = []
        for session in sessions {
            members.removeAll { $0 == session.peer }
            if !session.isShort { members.append(session.peer) }
        }
        return members
    }

    /// Whether the session lives.
    func isAlive(_ session: Int?) -> Bool { sessions.contains { $0.id == session } }
}
