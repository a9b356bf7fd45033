/// One connection to a server, and what was sent on it and is not answered yet.
struct Link {
    /// Who waits for a reply.
    enum Owner: Hashable {
        case user(RequestID, Request)
        /// The user went away; the reply is read and dropped.
        case abandoned(Request)
        /// The registry narrowed or removed a persistent watch at this server path.
        case watchRemoval(path: String)
        case watchNarrowing
        case close
    }

    /// A request that was sent.
    struct Pending {
        var xid: Int32
        var owner: Owner
        var sentAt: Instant
        var size: Int
        /// The one-shot watch was not set at the server, because a persistent one covers it.
        var isCovered: Bool
    }

    let id: ConnectionID
    let server: ServerAddress
    let openedAt: Instant
    var reader: FrameReader
    var lastHeard: Instant
    var lastSent: Instant
    /// When the connect request was sent.
    var greetedAt: Instant
    /// When the ping was sent that is not answered yet.
    var pingSentAt: Instant?
    var establishedAt: Instant?
    var watchChunksOutstanding = 0
    private(set) var pending: [Pending] = []
    private var nextXid: Int32

    init(id: ConnectionID, server: ServerAddress, limit: Int, nextXid: Int32 = 1, at now: Instant) {
        self.id = id
        self.server = server
        self.nextXid = nextXid
        openedAt = now
        reader = FrameReader(limit: limit)
        lastHeard = now
        lastSent = now
        greetedAt = now
    }

    /// Takes the next number; numbers stay positive, because negative ones are reserved.
    mutating func takeXid() -> Int32 {
        defer { nextXid = nextXid == .max ? 1 : nextXid + 1 }
        return nextXid
    }

    mutating func expect(_ entry: Pending) {
        pending.append(entry)
    }

    /// Takes the request that a reply with `xid` answers: servers answer in order.
    mutating func takePending(xid: Int32) throws(JuteError) -> Pending {
        guard let first = pending.first, first.xid == xid else {
            throw .unexpectedReply(xid: xid, expected: pending.first?.xid)
        }
        return pending.removeFirst()
    }

    /// Keeps the reply's place, but forgets who waits for it.
    mutating func abandon(_ id: RequestID) -> Request? {
        for index in pending.indices {
            if case .user(id, let request) = pending[index].owner {
                pending[index].owner = .abandoned(request)
                return request
            }
        }
        return nil
    }
}
