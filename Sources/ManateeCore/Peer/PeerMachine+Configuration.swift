extension PeerMachine {
    /// What an operator decides about one peer.
    package struct Configuration: Hashable, Sendable {
        /// Whether the peer is one of several.
        package enum Mode: Hashable, Sendable {
            /// Every acknowledged write is on two peers.
            case replicated
            /// This peer acknowledges alone: development or bootstrap.
            case oneNodeWrite
        }

        /// How a deposed peer comes back.
        package enum Rejoin: Hashable, Sendable {
            /// By itself: it reconciles its copy, streams, and joins the end of the chain.
            case automatic
            /// It waits, stopped, until an operator has rebuilt it and taken it off the list.
            case manual
        }

        /// This peer, as it enters itself into the cluster state.
        package var peer: Peer
        /// Whether it is one of several; default `replicated`.
        package var mode: Mode
        /// How it comes back after it was deposed; default `automatic`.
        package var rejoin: Rejoin
        /// The wait before a change of the cluster state is tried again; default 1 s.
        package var backOff: Duration
        /// The wait before postgres is configured again after a failure; default 1 s.
        package var postgresRetry: Duration
        /// How long after start the store may be silent until the memory must do; default 10 s.
        package var storeGrace: Duration
        /// How long a handover may take before the primary takes it back; default 10 s.
        package var handoverLimit: Duration
        /// How long a primary may serve clients while it hears neither the store nor its sync;
        /// default 10 s.
        package var staleReadLimit: Duration
        /// How soon which evidence about other peers is acted on; default `balanced`.
        package var detection: FailureDetection

        /// The decisions about `peer`.
        package init(
            peer: Peer,
            mode: Mode = .replicated,
            rejoin: Rejoin = .automatic,
            backOff: Duration = .seconds(1),
            postgresRetry: Duration = .seconds(1),
            storeGrace: Duration = .seconds(10),
            handoverLimit: Duration = .seconds(10),
            staleReadLimit: Duration = .seconds(10),
            detection: FailureDetection = FailureDetection()
        ) {
            self.peer = peer
            self.mode = mode
            self.rejoin = rejoin
            self.backOff = backOff
            self.postgresRetry = postgresRetry
            self.storeGrace = storeGrace
            self.handoverLimit = handoverLimit
            self.staleReadLimit = staleReadLimit
            self.detection = detection
        }
    }
}
