/// An operator's request to promote a peer, as the field `promote` of the cluster state carries it.
///
/// Anything may stand in that field; what is wrong with it is told, and nothing else comes of it.
package struct PromoteRequest: Hashable, Sendable {
    /// The place that the peer has when the request is made, and is to leave for the one before it.
    package enum Place: Hashable, Sendable {
        /// It is to become primary.
        case sync
        /// As async at this index it is to come one place further to the front: the first becomes
        /// sync.
        case async(Int)
    }

    /// The peer to promote.
    package var id: PeerID
    /// The place that it has.
    package var place: Place
    /// The generation for which the request is made.
    package var generation: Generation
    /// The last moment at which it is to be carried out.
    package var expireTime: WallTime

    /// Why a request is not, or no longer, to be carried out.
    package enum Problem: Error, Hashable, Sendable {
        /// It is not an object.
        case notAnObject
        /// A field is missing or has the wrong form.
        case field(String, wanted: String)
        /// The time at which it expires cannot be read.
        case expireTime(String)
        /// It was made for another generation than the present one.
        case generation(Generation, present: Generation)
        /// It has expired.
        case expired(WallTime)
        /// In one-node-write mode there is nobody to promote.
        case oneNodeWriteMode
        /// The peer is not the sync; who is.
        case notSync(PeerID, present: PeerID?)
        /// There is no async at this index; how many there are.
        case noSuchAsync(Int, count: Int)
        /// Another peer is async at this index.
        case notAtIndex(PeerID, Int, present: PeerID)
    }

    /// Reads the field `promote`.
    ///
    /// Unknown members are ignored, `asyncIndex` of a request for the sync included.
    ///
    /// - Throws: the first problem, whatever `value` is.
    package init(_ value: JSONValue) throws(Problem) {
        guard case .object(let members) = value else { throw .notAnObject }
        guard let id = members["id"]?.text else { throw .field("id", wanted: "a text") }
        switch members["role"]?.text {
        case "sync": place = .sync
        case "async": place = .async(try PromoteRequest.integer("asyncIndex", members))
        case .some, nil: throw .field("role", wanted: "sync or async")
        }
        self.id = PeerID(id)
        generation = Generation(try PromoteRequest.integer("generation", members))
        guard let text = members["expireTime"]?.text else {
            throw .field("expireTime", wanted: "a text")
        }
        guard let time = WallTime(text) else { throw .expireTime(text) }
        expireTime = time
    }

    private static func integer(
        _ name: String,
        _ members: [String: JSONValue]
    ) throws(Problem) -> Int {
        guard case .integer(let number)? = members[name], let integer = Int(exactly: number) else {
            throw .field(name, wanted: "an integer")
        }
        return integer
    }

    /// The request that `state` carries, if it is to be carried out at `now`.
    ///
    /// - Returns: nil if `state` carries none.
    package static func pending(
        in state: ClusterState,
        at now: WallTime
    ) -> Result<PromoteRequest, Problem>? {
        guard let promote = state.promote else { return nil }
        do {
            let request = try PromoteRequest(promote)
            try request.check(against: state, at: now)
            return .success(request)
        } catch {
            return .failure(error)
        }
    }

    private func check(against state: ClusterState, at now: WallTime) throws(Problem) {
        guard generation == state.generation else {
            throw .generation(generation, present: state.generation)
        }
        guard expireTime >= now else { throw .expired(expireTime) }
        guard !state.oneNodeWriteMode else { throw .oneNodeWriteMode }
        switch place {
        case .sync:
            guard state.sync?.id == id else { throw .notSync(id, present: state.sync?.id) }
        case .async(let index):
            guard state.async.indices.contains(index) else {
                throw .noSuchAsync(index, count: state.async.count)
            }
            let present = state.async[index].id
            guard present == id else { throw .notAtIndex(id, index, present: present) }
        }
    }
}

extension PromoteRequest.Problem: CustomStringConvertible {
    /// What is wrong, as it follows "the request to promote: ", on one line whatever was asked for.
    package var description: String {
        switch self {
        case .notAnObject:
            "it is not an object"
        case .field(let name, let wanted):
            "its \(name) is not \(wanted)"
        case .expireTime(let text):
            "its expireTime \(Self.quoted(text)) is not a time"
        case .generation(let asked, let present):
            "it is for generation \(asked), but this is generation \(present)"
        case .expired(let time):
            "it expired at \(time)"
        case .oneNodeWriteMode:
            "the cluster is in one-node-write mode"
        case .notSync(let asked, let present):
            "\(Self.quoted(asked.text)) is not the sync; \(present?.text ?? "nobody") is"
        case .noSuchAsync(let index, let count):
            "there is no async at index \(index): there are \(count)"
        case .notAtIndex(let asked, let index, let present):
            "\(Self.quoted(asked.text)) is not the async at index \(index); \(present) is"
        }
    }

    /// A stranger's text, short and without line breaks.
    private static func quoted(_ text: String) -> String {
        String(text.prefix(60)).debugDescription
    }
}
