/// An operator's request to promote a peer (rules R60 to R68).
///
/// It is looked at with the role that the same state gives, never with an earlier one.
extension PeerMachine {
    /// The wait for the end of a request.
    struct RequestExpiry: Hashable {
        var timer: PeerTimer
        var expireTime: WallTime
    }

    /// The longest wait before a request's end is looked at again: an operator may have asked for
    /// the year 9999.
    private static let longestExpiryWait = Duration.seconds(3600)

    /// Carries out a request, and takes back one that is not to be carried out.
    mutating func pursueRequestAsPrimary(_ followed: VersionedState) {
        switch PromoteRequest.pending(in: followed.state, at: moment.wall) {
        case nil:
            requestExpiry = nil
            clear(.request, .requestRefusal)
        case .failure(let problem)?:
            report(.removingRequest(problem))
            var new = followed.state
            new.promote = nil
            write(Proposal(intent: .removeRequest, base: followed, state: new))
        case .success(let request)?:
            awaitExpiry(of: request)
            switch request.place {
            case .sync: beginHandover(request, in: followed)
            case .async(0): beginNewGeneration(.promoteAsync, from: followed)
            case .async(let index): moveAsync(at: index, in: followed)
            }
        }
    }

    /// Why the request that led to a change is not to be carried out any more; nil if it is.
    func problem(of intent: Intent, in base: VersionedState?) -> PromoteRequest.Problem? {
        switch intent {
        case .announceHandover, .promoteAsync:
            guard let base, case .failure(let problem)? = pendingRequest(in: base) else {
                return nil
            }
            return problem
        case .setUp, .takeOver, .handOver, .completeHandover, .undoHandover, .replaceSync,
            .moveAsync, .removeRequest, .leaveOneNodeWriteMode, .changeAsyncs, .rejoin, .seal:
            return nil
        }
    }

    func pendingRequest(
        in shown: VersionedState
    ) -> Result<PromoteRequest, PromoteRequest.Problem>? {
        PromoteRequest.pending(in: shown.state, at: moment.wall)
    }

    /// Lets the async at `index`, which is not the first, change places with the one before it.
    private mutating func moveAsync(at index: Int, in followed: VersionedState) {
        let old = followed.state
        report(.movingAsync(old.async[index].id, ahead: old.async[index - 1].id))
        var new = old
        new.async.swapAt(index, index - 1)
        new.promote = nil
        write(Proposal(intent: .moveAsync, base: followed, state: new))
    }

    /// Sees to it that a request which expires is noticed, even if nothing else happens.
    private mutating func awaitExpiry(of request: PromoteRequest) {
        guard requestExpiry?.expireTime != request.expireTime else { return }
        let remaining = moment.wall.duration(to: request.expireTime) + .milliseconds(1)
        requestExpiry = RequestExpiry(
            timer: startTimer(.requestExpiry, min(remaining, PeerMachine.longestExpiryWait)),
            expireTime: request.expireTime
        )
    }

    mutating func requestTimerFired(_ timer: PeerTimer) {
        guard requestExpiry?.timer == timer else { return }
        requestExpiry = nil
        guard role == .primary, let followed,
            case .success(let request)? = pendingRequest(in: followed)
        else { return }
        awaitExpiry(of: request)
    }
}
