extension SessionMachine {
    mutating func submit(
        _ id: RequestID,
        _ request: Request,
        at now: Instant
    ) -> [SessionAction] {
        if let refusal = refusal(of: request) {
            return [.complete(id, .failure(refusal.describing(request)))]
        }
        let entry = Waiting(
            id: id,
            request: request,
            body: request.encodedBody(chroot: settings.chroot, setsWatch: request.watch != nil),
            until: now.advanced(by: settings.requestWait ?? settings.sessionTimeout)
        )
        if let refusal = refusal(ofSize: entry.body.count) {
            return [.complete(id, .failure(refusal.describing(request)))]
        }
        requestCount += 1
        requestBytes += entry.body.count
        guard phase == .established else {
            waiting.append(entry)
            return []
        }
        return transmit(entry, at: now)
    }

    private func refusal(of request: Request) -> ZooKeeperError? {
        switch phase {
        case .ended(let error):
            return error
        case .closing:
            return ZooKeeperError(code: .sessionClosed)
        case .idle, .pausing, .opening, .greeting, .authenticating, .established:
            break
        }
        do {
            try request.validate()
            return nil
        } catch {
            return error
        }
    }

    private func refusal(ofSize size: Int) -> ZooKeeperError? {
        guard size + Self.headerLength <= settings.maximumFrameLength else {
            return ZooKeeperError(
                code: .requestTooLarge,
                detail: "\(size) bytes; the limit is \(settings.maximumFrameLength)"
            )
        }
        guard requestCount < settings.maximumRequests else {
            return ZooKeeperError(code: .tooManyRequests, detail: "\(requestCount) requests")
        }
        guard requestBytes + size <= settings.maximumRequestBytes else {
            return ZooKeeperError(code: .tooManyRequests, detail: "\(requestBytes) bytes")
        }
        return nil
    }

    /// Number and operation code.
    private static let headerLength = 8

    /// Sends a user's request and enters its watch, if it has one.
    mutating func transmit(_ entry: Waiting, at now: Instant) -> [SessionAction] {
        var body = entry.body
        var isCovered = false
        switch entry.request {
        case .exists(let path, .some), .getData(let path, .some), .getChildren(let path, .some):
            isCovered = registry.covers(settings.chroot.outgoing(path))
            if isCovered {
                body = entry.request.encodedBody(chroot: settings.chroot, setsWatch: false)
            }
        case .addWatch(let path, let scope, let watch):
            // Entered now and not with the reply: events may come before it.
            let path = settings.chroot.outgoing(path)
            body = Request.encodedAddWatch(path, scope: registry.add(watch, scope, at: path))
        case .create, .delete, .exists, .getData, .setData, .getChildren, .sync, .getACL, .setACL,
            .multi:
            break
        }
        return transmit(
            entry.request.code,
            body,
            for: .user(entry.id, entry.request),
            isCovered: isCovered,
            at: now
        )
    }

    mutating func cancel(_ id: RequestID, at now: Instant) -> [SessionAction] {
        if let index = waiting.firstIndex(where: { $0.id == id }) {
            let entry = waiting.remove(at: index)
            release(entry.body.count)
            let failure = ZooKeeperError(code: .cancelled).describing(entry.request)
            return [.complete(id, .failure(failure))]
        }
        guard let request = link?.abandon(id) else { return [] }
        let failure = ZooKeeperError(code: .cancelled, outcome: .unknown).describing(request)
        var actions: [SessionAction] = [.complete(id, .failure(failure))]
        if case .addWatch(_, _, let watch) = request {
            actions += unwatch(watch, at: now)
        }
        return actions
    }

    // MARK: Replies

    mutating func receive(_ bytes: [UInt8], at now: Instant) -> [SessionAction] {
        guard let id = link?.id else { return [] }
        link?.lastHeard = now
        lastHeard = now
        link?.reader.append(bytes)
        var actions: [SessionAction] = []
        do {
            // A frame may end this connection, and what follows it then has no meaning.
            while link?.id == id, let frame = try link?.reader.next() {
                actions += try accept(frame, at: now)
            }
        } catch {
            actions += violation(error, at: now)
        }
        return actions
    }

    private mutating func violation(_ error: JuteError, at now: Instant) -> [SessionAction] {
        let server = link.map { "\($0.server)" } ?? "the server"
        switch error {
        case .frameTooLong:
            return drop("\(server) sent \(error)", telling: .replyTooLarge, at: now)
        case .truncated, .impossibleLength, .notABoolean, .unknownValue, .unexpectedReply:
            return drop("\(server) sent \(error)", telling: .malformedReply, at: now)
        }
    }

    private mutating func accept(
        _ frame: [UInt8],
        at now: Instant
    ) throws(JuteError) -> [SessionAction] {
        switch phase {
        case .greeting:
            return welcome(try ConnectResponse(decoding: frame), at: now)
        case .authenticating, .established, .closing:
            break
        case .idle, .pausing, .opening, .ended:
            return []
        }
        var reader = JuteReader(frame)
        let header = try ReplyHeader(from: &reader)
        switch header.xid {
        case ReservedXid.watchEvent:
            return deliver(try WatchNotification(from: &reader))
        case ReservedXid.ping:
            if let sentAt = link?.pingSentAt {
                confirm(sentAt)
                link?.pingSentAt = nil
            }
            return []
        case ReservedXid.auth:
            return authenticated(header, at: now)
        case ReservedXid.setWatches:
            return try watchesSet(header, at: now)
        case _:
            return try answer(header, &reader, at: now)
        }
    }

    private mutating func authenticated(
        _ header: ReplyHeader,
        at now: Instant
    ) -> [SessionAction] {
        guard header.error == 0 else {
            let server = link.map { "\($0.server)" }
            return end(ZooKeeperError(code: .authenticationFailed, detail: server), at: now)
        }
        guard case .authenticating(let outstanding) = phase else { return [] }
        guard outstanding == 1 else {
            phase = .authenticating(outstanding: outstanding - 1)
            return []
        }
        return establish(at: now)
    }

    private mutating func answer(
        _ header: ReplyHeader,
        _ reader: inout JuteReader,
        at now: Instant
    ) throws(JuteError) -> [SessionAction] {
        // Looked at before it is taken, so that it is told what was wrong with its reply.
        guard let entry = link?.pending.first, entry.xid == header.xid else {
            throw .unexpectedReply(xid: header.xid, expected: link?.pending.first?.xid)
        }
        var result: Result<Response, ZooKeeperError>?
        switch entry.owner {
        case .user(_, let request), .abandoned(let request):
            result = try Response.decode(
                answering: request,
                error: header.error,
                from: &reader,
                chroot: settings.chroot
            )
        case .watchRemoval, .watchNarrowing, .close:
            break
        }
        _ = try link?.takePending(xid: header.xid)
        confirm(entry.sentAt)
        if header.zxid > 0 {
            lastZxid = max(lastZxid, header.zxid)
        }
        switch entry.owner {
        case .user(let id, let request):
            release(entry.size)
            guard let result else { return [] }
            let watchActions = settleWatch(of: request, result, isCovered: entry.isCovered, at: now)
            return watchActions + [.complete(id, result)]
        case .abandoned:
            release(entry.size)
            return []
        case .watchRemoval(let path):
            return deliveries(registry.resynchroniseOneShots(at: path))
        case .watchNarrowing:
            return []
        case .close:
            return end(nil, at: now)
        }
    }
}
