extension SessionMachine {
    /// When `tick` is wanted; nil if nothing is waited for.
    var nextWake: Instant? {
        [phaseWake, waiting.first?.until].compactMap { $0 }.min()
    }

    private var phaseWake: Instant? {
        switch phase {
        case .idle, .ended: nil
        case .pausing(let until), .closing(let until): until
        case .opening, .greeting, .authenticating: attemptDeadline
        case .established: [pingDue, silenceDeadline].compactMap { $0 }.min()
        }
    }

    /// The server's timeout once there is one, what is asked for before.
    private var timeout: Duration { identity?.timeout ?? settings.sessionTimeout }

    /// When the present attempt to connect has taken too long.
    private var attemptDeadline: Instant? {
        let share = timeout / (3 * settings.servers.count)
        let patience = min(timeout / 3, max(share, .seconds(1)))
        return link?.openedAt.advanced(by: settings.connectTimeout ?? patience)
    }

    /// When the server must hear from us: a third of the timeout after it last did.
    private var pingDue: Instant? {
        guard let link, link.pingSentAt == nil else { return nil }
        return link.lastSent.advanced(by: timeout / 3)
    }

    /// When a silent server is given up: two thirds of the timeout leave a third for another one.
    private var silenceDeadline: Instant? {
        link?.lastHeard.advanced(by: timeout * 2 / 3)
    }

    mutating func tick(at now: Instant) -> [SessionAction] {
        var actions = failOverdueRequests(at: now)
        guard let due = phaseWake, due <= now else { return actions }
        let server = link.map { "\($0.server)" } ?? "the server"
        switch phase {
        case .idle, .ended:
            break
        case .pausing:
            actions += open(at: now)
        case .closing:
            actions += end(nil, at: now)
        case .opening:
            actions += drop("\(server) accepts no connection in time", at: now)
        case .greeting, .authenticating:
            actions += drop("\(server) does not take the session in time", at: now)
        case .established:
            if let silenceDeadline, silenceDeadline <= now {
                actions += drop("\(server) is silent", at: now)
            } else {
                actions += ping(at: now)
            }
        }
        return actions
    }

    private mutating func ping(at now: Instant) -> [SessionAction] {
        link?.pingSentAt = now
        link?.lastSent = now
        var writer = JuteWriter()
        writer.write(ReservedXid.ping)
        writer.write(OperationCode.ping.rawValue)
        return send(writer.bytes)
    }

    private mutating func failOverdueRequests(at now: Instant) -> [SessionAction] {
        // All wait equally long, so the overdue ones are the first.
        let overdue = waiting.prefix { $0.until <= now }
        waiting.removeFirst(overdue.count)
        return overdue.map { entry in
            release(entry.body.count)
            let failure = ZooKeeperError(code: .notConnected, detail: lastFailure)
            return .complete(entry.id, .failure(failure.describing(entry.request)))
        }
    }

    /// The session's state and times, for the user.
    var status: Status {
        Status(
            state: state,
            identity: identity,
            server: phase == .established ? link?.server : nil,
            lastHeard: lastHeard,
            deadline: identity.flatMap { identity in
                confirmedAt?.advanced(by: identity.timeout)
            },
            lastFailure: lastFailure
        )
    }

    /// ``SessionStatus`` on the machine's own time line.
    struct Status: Hashable {
        var state: SessionState
        var identity: Identity?
        var server: ServerAddress?
        var lastHeard: Instant?
        var deadline: Instant?
        var lastFailure: String?
    }

    private var state: SessionState {
        switch phase {
        case .established, .closing:
            .connected
        case .idle, .pausing, .opening, .greeting, .authenticating:
            wasEstablished ? .suspended : .connecting
        case .ended(let error) where error.code == .sessionClosed:
            .closed
        case .ended(let error) where error.code == .authenticationFailed:
            .authenticationFailed
        case .ended:
            .expired
        }
    }
}
