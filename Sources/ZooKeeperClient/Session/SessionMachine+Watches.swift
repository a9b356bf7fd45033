extension SessionMachine {
    /// Enters the one-shot watch that a reply put in place, or forgets the persistent one it refused.
    mutating func settleWatch(
        of request: Request,
        _ result: Result<Response, ZooKeeperError>,
        isCovered: Bool,
        at now: Instant
    ) -> [SessionAction] {
        guard let watch = request.watch, let path = request.path else { return [] }
        let serverPath = settings.chroot.outgoing(path)
        let kind: WatchRegistry.OneShot
        switch (request, result) {
        case (.addWatch, .failure):
            _ = registry.remove(watch)
            return []
        case (.getData, .success): kind = .data
        case (.exists, .success(.existence(let stat))): kind = stat == nil ? .existence : .data
        case (.getChildren, .success): kind = .children
        case (_, _): return []
        }
        registry.add(watch, kind, at: serverPath)
        if isCovered, !registry.covers(serverPath) {
            // The persistent watch that was to fire it is gone.
            return deliveries(registry.resynchroniseOneShots(at: serverPath))
        }
        return []
    }

    mutating func deliver(_ notification: WatchNotification) -> [SessionAction] {
        guard let kind = notification.kind else { return [] }
        return deliveries(registry.dispatch(kind, at: notification.path))
    }

    mutating func watchesSet(
        _ header: ReplyHeader,
        at now: Instant
    ) throws(JuteError) -> [SessionAction] {
        guard let outstanding = link?.watchChunksOutstanding, outstanding > 0 else {
            throw .unexpectedReply(xid: header.xid, expected: link?.pending.first?.xid)
        }
        guard header.error == 0 else {
            let code = ZooKeeperError.Code(header.error)
            return drop("the server does not set watches again: \(code)", at: now)
        }
        link?.watchChunksOutstanding = outstanding - 1
        guard outstanding == 1 else { return [] }
        return deliveries(registry.resynchronisePersistent())
    }

    mutating func unwatch(_ watch: WatchID, at now: Instant) -> [SessionAction] {
        switch registry.remove(watch) {
        case .nothing:
            return []
        case .removePersistent(let path):
            // Without a connection the server has forgotten it, and is not told again.
            guard phase == .established else { return [] }
            return transmit(
                .removeWatches,
                Request.encodedRemoveWatches(path),
                for: .watchRemoval(path: path),
                at: now
            )
        case .narrow(let path):
            guard phase == .established else { return [] }
            return transmit(
                .addWatch,
                Request.encodedAddWatch(path, scope: .node),
                for: .watchNarrowing,
                at: now
            )
        }
    }

    /// What to tell the readers; one-shot watches end with it.
    func deliveries(_ deliveries: [WatchRegistry.Delivery]) -> [SessionAction] {
        deliveries.compactMap { delivery in
            guard let path = settings.chroot.incoming(delivery.path) else { return nil }
            return .deliver(delivery.watch, WatchEvent(kind: delivery.kind, path: path))
        }
    }
}
