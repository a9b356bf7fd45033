/// Who can reach whom, and how fast.
///
/// Counts instead of booleans: faults overlap, and each ends by itself.
struct Network: Hashable, Sendable {
    private let peers: Int
    private var cuts: [Int]
    private var lags: [Int]
    private var rejections: [Int]
    private var storeCuts: [Int]
    private var clientCuts: [Int]

    init(peers: Int) {
        self.peers = peers
        cuts = Array(repeating: 0, count: peers * peers)
        lags = cuts
        rejections = cuts
        storeCuts = Array(repeating: 0, count: peers)
        clientCuts = storeCuts
    }

    /// Whether a message from `sender` arrives at `receiver`.
    func reaches(from sender: Int, to receiver: Int) -> Bool {
        cuts[sender * peers + receiver] == 0
    }

    /// Whether connections are refused on the way, as by a packet filter.
    func isRejecting(from sender: Int, to receiver: Int) -> Bool {
        rejections[sender * peers + receiver] > 0
    }

    func isSlow(from sender: Int, to receiver: Int) -> Bool {
        lags[sender * peers + receiver] > 0
    }

    func reachesStore(_ peer: Int) -> Bool { storeCuts[peer] == 0 }

    func admitsClients(_ peer: Int) -> Bool { clientCuts[peer] == 0 }

    mutating func cut(from sender: Int, to receiver: Int, by change: Int) {
        guard sender != receiver else { return }
        cuts[sender * peers + receiver] += change
    }

    mutating func reject(from sender: Int, to receiver: Int, by change: Int) {
        guard sender != receiver else { return }
        cut(from: sender, to: receiver, by: change)
        rejections[sender * peers + receiver] += change
    }

    mutating func slow(from sender: Int, to receiver: Int, by change: Int) {
        lags[sender * peers + receiver] += change
    }

    mutating func cutStore(_ peer: Int, by change: Int) { storeCuts[peer] += change }

    mutating func cutClients(_ peer: Int, by change: Int) { clientCuts[peer] += change }
}
