package import ManateeCore

/// One step of a peer machine: what it was told, what it asked for, and what it was before and after.
package struct PeerStep: Sendable {
    /// What the machine was told.
    package var event: PeerEvent
    /// What it asked for.
    package var actions: [PeerAction]
    /// What it showed before.
    package var before: PeerView
    /// What it showed afterwards.
    package var after: PeerView
    /// When this was.
    package var moment: Moment

    /// The step from `before` to `after`.
    package init(
        event: PeerEvent,
        actions: [PeerAction],
        before: PeerView,
        after: PeerView,
        moment: Moment
    ) {
        self.event = event
        self.actions = actions
        self.before = before
        self.after = after
        self.moment = moment
    }

    /// The reasons that were told in this step, in order.
    var reasons: [Reason] {
        actions.compactMap { if case .report(let reason) = $0 { reason } else { nil } }
    }

    /// Whether the machine asked for another configuration of postgres.
    var configures: Bool {
        actions.contains { if case .configurePostgres = $0 { true } else { false } }
    }

    /// Whether the machine asked for an end of acknowledgements.
    var stopsAcknowledgements: Bool {
        actions.contains { if case .stopAcknowledgements = $0 { true } else { false } }
    }
}
