import ManateeCore

/// Something that is going to happen in a world.
///
/// Peers, clients and postgres processes are given by index; serial numbers tell whether what was
/// foreseen still concerns the same process, connection or operation when its time comes.
enum Occurrence: Hashable, Sendable {
    // Sitters.
    case sitterStarts(peer: Int)
    indirect case sitterHears(peer: Int, process: Int, PeerEvent)
    case memorySaved(peer: Int, process: Int)
    indirect case timerFires(peer: Int, process: Int, PeerTimer)

    // The store.
    case storeConnects(peer: Int, process: Int)
    case storeBreaks(peer: Int, connection: Int)
    indirect case storeTells(peer: Int, connection: Int, PeerEvent)
    case watchFires(peer: Int, connection: Int, isState: Bool)
    indirect case writeArrives(peer: Int, connection: Int, session: Int, StateWrite)
    case readArrives(peer: Int, connection: Int, Attempt)
    case readGivesUp(peer: Int, process: Int, Attempt)
    case sessionExpires(session: Int)
    case roomIsLookedAt(peer: Int, process: Int)

    // Beats.
    case beatDue(peer: Int, process: Int)
    indirect case beatArrives(peer: Int, process: Int, Beat)
    case streamBreaks(peer: Int, process: Int, from: Int, ended: Int)
    case earsLook(peer: Int, process: Int)
    indirect case knockEnds(peer: Int, process: Int, at: Int, Observation)

    // Postgres.
    case syncIsWatched(peer: Int, process: Int)
    case gateIsOrdered(peer: Int, process: Int, Attempt, GateOrder)
    case guardIsDue(peer: Int, since: SimulatedTime)
    case serverStarted(peer: Int, process: Int)
    case serverStopped(peer: Int, process: Int)
    case promotionEnds(peer: Int, process: Int)
    case operationGoesOn(peer: Int, serial: Int)
    case primaryFlushes(peer: Int, process: Int, upTo: Int)
    case receiverConnects(peer: Int, connection: Int)
    case walArrives(peer: Int, connection: Int, upTo: Int)
    case walIsFlushed(peer: Int, process: Int, upTo: Int)
    case confirmationArrives(peer: Int, standby: Int, connection: Int, flushed: Int)
    case walIsReplayed(peer: Int, process: Int)
    case senderReadsNames(peer: Int, standby: Int, connection: Int)
    case senderNoticesLoss(peer: Int, standby: Int, connection: Int)
    case receiverNoticesLoss(peer: Int, connection: Int)

    // Clients.
    case clientActs(client: Int)
    case requestArrives(client: Int, request: Int, peer: Int)
    case replyArrives(client: Int, request: Int, ClientReply)
    case clientGivesUp(client: Int, request: Int)

    // What goes wrong, and its end.
    case faultHits(index: Int)
    case faultStrikes(index: Int)
    case operatorAnnotates
    case faultEnds(index: Int)
    case healingBegins
    case healingMustBeDone
    case writesMustBeBack
}

/// A versioned write on its way to the store.
struct StateWrite: Hashable, Sendable {
    var attempt: Attempt
    var state: ClusterState
    var expected: StateVersion?
}
