extension ZooKeeperError {
    /// Why an operation failed: a code of the server, or one of this client.
    ///
    /// A struct rather than an enum, so that codes can be added: keep a `default` when you switch.
    public struct Code: Hashable, Sendable {
        /// The number in the protocol if negative, a condition that this client found if positive.
        let number: Int32

        init(_ number: Int32) {
            self.number = number
        }

        /// The number that the server sent; nil for conditions that this client found.
        public var serverCode: Int32? { number < 0 ? number : nil }
    }
}

extension ZooKeeperError.Code {
    // Found by this client.

    /// The connection was lost after the request was, possibly, sent.
    public static let connectionLost = Self(1)
    /// No connection could be had in the time that a request may wait for one; it was never sent.
    public static let notConnected = Self(2)
    /// The session was closed by this side.
    public static let sessionClosed = Self(3)
    /// The request's task was cancelled.
    public static let cancelled = Self(4)
    /// Too many requests, or too many bytes of requests, are waiting; this one was never sent.
    public static let tooManyRequests = Self(5)
    /// The request is larger than a server accepts; it was never sent.
    public static let requestTooLarge = Self(6)
    /// The reply is larger than this client accepts.
    public static let replyTooLarge = Self(7)
    /// The server sent something that is not the protocol.
    public static let malformedReply = Self(8)
    /// The path is not a ZooKeeper path.
    public static let invalidPath = Self(9)
    /// An argument is outside of its range.
    public static let invalidArgument = Self(10)
    /// The connection string cannot be understood.
    public static let invalidConnectionString = Self(11)
    /// `run()` was called for the second time.
    public static let alreadyRunning = Self(12)

    // Sent by the server.

    /// The server failed in a way it does not explain.
    public static let systemError = Self(-1)
    /// The server found itself inconsistent; in a multi, an operation after the one that failed.
    public static let runtimeInconsistency = Self(-2)
    /// The server found its data inconsistent.
    public static let dataInconsistency = Self(-3)
    /// The server lost a connection of its own.
    public static let serverConnectionLoss = Self(-4)
    /// The server could not read the request.
    public static let marshallingError = Self(-5)
    /// The server does not know the operation.
    public static let unimplemented = Self(-6)
    /// The server took too long.
    public static let operationTimeout = Self(-7)
    /// The server does not accept the arguments.
    public static let badArguments = Self(-8)
    /// A new configuration of the ensemble would have no quorum.
    public static let newConfigurationWithoutQuorum = Self(-13)
    /// The ensemble is being reconfigured.
    public static let reconfigurationInProgress = Self(-14)
    /// The node does not exist.
    public static let noNode = Self(-101)
    /// The session's identities may not do this.
    public static let notAuthorized = Self(-102)
    /// The node's version is not the expected one.
    public static let badVersion = Self(-103)
    /// Ephemeral nodes cannot have children.
    public static let noChildrenForEphemerals = Self(-108)
    /// The node exists already.
    public static let nodeExists = Self(-110)
    /// The node has children.
    public static let notEmpty = Self(-111)
    /// The session has expired.
    public static let sessionExpired = Self(-112)
    /// The access control list is not valid.
    public static let invalidACL = Self(-114)
    /// The server does not accept the credentials.
    public static let authenticationFailed = Self(-115)
    /// The session has moved to another server.
    public static let sessionMoved = Self(-118)
    /// The server is read-only.
    public static let notReadOnly = Self(-119)
    /// Ephemeral nodes need a global session.
    public static let ephemeralOnLocalSession = Self(-120)
    /// There is no such watch.
    public static let noWatcher = Self(-121)
    /// The request took too long.
    public static let requestTimeout = Self(-122)
    /// Reconfiguration is disabled.
    public static let reconfigurationDisabled = Self(-123)
    /// The server demands SASL authentication.
    public static let saslAuthenticationRequired = Self(-124)
    /// A quota of the tree is exceeded.
    public static let quotaExceeded = Self(-125)
    /// The server is overloaded and did not carry the request out.
    public static let throttled = Self(-127)

    /// Whether an operation that the server answered with this code may have taken effect.
    var leavesOutcomeOpen: Bool {
        [
            .systemError, .runtimeInconsistency, .dataInconsistency, .serverConnectionLoss,
            .operationTimeout, .requestTimeout,
        ].contains(self)
    }
}

extension ZooKeeperError.Code: CustomStringConvertible {
    /// The meaning in a few words.
    public var description: String { explanation }

    var explanation: String {
        Self.explanations[self] ?? "the server answered with error code \(number)"
    }

    private static let explanations: [Self: String] = [
        .connectionLost: "the connection was lost before the reply came",
        .notConnected: "no connection to a server could be had in time",
        .sessionClosed: "the session is closed",
        .cancelled: "the request was cancelled",
        .tooManyRequests: "too many requests are waiting",
        .requestTooLarge: "the request is larger than a server accepts",
        .replyTooLarge: "the reply is larger than the limit",
        .malformedReply: "the server sent something that is not the protocol",
        .invalidPath: "the path is not valid",
        .invalidArgument: "an argument is not valid",
        .invalidConnectionString: "the connection string is not valid",
        .alreadyRunning: "the client is running already, or has run",
        .systemError: "the server failed",
        .runtimeInconsistency: "the server found itself inconsistent",
        .dataInconsistency: "the server found its data inconsistent",
        .serverConnectionLoss: "the server lost a connection of its own",
        .marshallingError: "the server could not read the request",
        .unimplemented: "the server does not know the operation",
        .operationTimeout: "the server took too long",
        .badArguments: "the server does not accept the arguments",
        .newConfigurationWithoutQuorum: "the new configuration has no quorum",
        .reconfigurationInProgress: "the ensemble is being reconfigured",
        .noNode: "the node does not exist",
        .notAuthorized: "not authorized",
        .badVersion: "the node has another version",
        .noChildrenForEphemerals: "an ephemeral node cannot have children",
        .nodeExists: "the node exists already",
        .notEmpty: "the node has children",
        .sessionExpired: "the session has expired",
        .invalidACL: "the access control list is not valid",
        .authenticationFailed: "the server does not accept the credentials",
        .sessionMoved: "the session has moved to another server",
        .notReadOnly: "the server is read-only",
        .ephemeralOnLocalSession: "an ephemeral node needs a global session",
        .noWatcher: "there is no such watch",
        .requestTimeout: "the request took too long",
        .reconfigurationDisabled: "reconfiguration is disabled",
        .saslAuthenticationRequired: "the server demands SASL authentication",
        .quotaExceeded: "a quota of the tree is exceeded",
        .throttled: "the server is overloaded and did not carry the request out",
    ]
}
