import Logging
import ManateeCore
import ManateePorts
import NIOCore
import NIOPosix

/// What one peer lets hear: its stream of beats, and its two ports when it is lost from sight.
final class Ear {
    /// For how long a peer that is lost from sight is looked for at the full rate.
    private static let eagerness = TimeAmount.seconds(10)
    /// The time between two attempts after that.
    private static let idleInterval = TimeAmount.seconds(1)

    let place: EarPlace

    private let detection: FailureDetection
    private let loop: any EventLoop
    private let logger: Logger
    private let tell: (Observation) -> Void
    /// The stream that beats; nil while there is none.
    private var stream: (any Channel)?
    private var lastBeat: NIODeadline
    private var hasBeaten = false
    /// How long the connection took that is, or is to be, the stream.
    private var roundTrip: Duration?
    /// The round of attempts that is under way; nil between rounds.
    private var round: Round?
    private var nextRound = NIODeadline.now()
    private var complaint: String?
    private var isClosed = false

    /// Attempts to reach both ports at about the same time.
    private struct Round {
        var sitter: Knock?
        var postgres: Knock?
        var connection: (any Channel)?
    }

    init(
        _ place: EarPlace,
        _ detection: FailureDetection,
        loop: any EventLoop,
        logger: Logger,
        tell: @escaping (Observation) -> Void
    ) {
        self.place = place
        self.detection = detection
        self.loop = loop
        self.logger = logger
        self.tell = tell
        lastBeat = .now()
    }

    /// How it is heard now.
    var hearing: PeerHearing {
        PeerHearing(
            peer: place.peer,
            isConnected: stream != nil,
            age: hasBeaten ? .nanoseconds((NIODeadline.now() - lastBeat).nanoseconds) : nil,
            roundTrip: stream == nil ? nil : roundTrip
        )
    }

    /// Begins a round of attempts if the peer is lost from sight.
    func look() {
        let now = NIODeadline.now()
        let isSilent = now - lastBeat > TimeAmount(rounding: detection.beatInterval * 5 / 2)
        guard !isClosed, round == nil, stream == nil || isSilent, now >= nextRound else { return }
        let isEager = now - lastBeat < Self.eagerness
        let pause =
            isEager ? TimeAmount(rounding: detection.knockInterval) : Self.idleInterval
        nextRound = now + pause - .milliseconds(1)
        round = Round()
        knockAtPostgres()
        knockAtSitter()
    }

    func close() {
        isClosed = true
        stream?.close(promise: nil)
        round?.connection?.close(promise: nil)
        stream = nil
    }

    // MARK: Beats

    /// A line came over `channel`.
    func heard(_ bytes: [UInt8], over channel: any Channel) {
        guard !isClosed else { return }
        let word: PeerWord
        do {
            let (speaker, said) = try BeatLine.read(bytes)
            guard speaker == place.peer else {
                return complain("\(speaker) speaks there", closing: channel)
            }
            word = said
        } catch {
            return complain("\(error)", closing: channel)
        }
        complaint = nil
        if stream !== channel {
            stream?.close(promise: nil)
            stream = channel
            if round?.connection === channel { round?.connection = nil }
        }
        lastBeat = .now()
        hasBeaten = true
        tell(.beat(word))
        sitterAnswered(.answered)
    }

    /// What came over `channel` is no beat.
    func complain(_ problem: String, closing channel: any Channel) {
        channel.close(promise: nil)
        guard complaint != problem else { return }
        complaint = problem
        logger.error(
            "cannot understand what a peer's heartbeat says; its peer is not heard",
            metadata: [
                "peer.id": "\(place.peer)",
                "heartbeat.from": "\(place.host):\(place.port)",
                "error": "\(problem)",
            ]
        )
    }

    /// `channel` was closed, by whomever.
    func ended(_ channel: any Channel) {
        guard !isClosed else { return }
        if stream === channel {
            stream = nil
            nextRound = .now()
            tell(.streamLost)
            look()
        } else if round?.connection === channel {
            round?.connection = nil
            sitterAnswered(.silent)
        }
    }

    // MARK: Knocking

    private func knockAtSitter() {
        let begun = NIODeadline.now()
        let bound = NIOLoopBound(self, eventLoop: loop)
        connect(place.host, place.port) { channel in
            try channel.pipeline.syncOperations.addHandler(BeatHandler(bound.value))
        } then: { [self] outcome in
            switch outcome {
            case .success(let channel):
                guard stream !== channel else { return }
                guard round?.sitter == nil, round != nil, channel.isActive else {
                    return channel.close(promise: nil)
                }
                round?.connection = channel
                roundTrip = .nanoseconds((NIODeadline.now() - begun).nanoseconds)
                after(detection.knockLimit) { [self] in
                    // It accepted the connection and said nothing: only its host is there.
                    if stream !== channel { channel.close(promise: nil) }
                }
            case .failure(let error):
                sitterAnswered(ConnectionTrouble.knock(error))
            }
        }
    }

    private func knockAtPostgres() {
        let bound = NIOLoopBound(self, eventLoop: loop)
        connect(place.postgres.host, place.postgres.port) { channel in
            try channel.pipeline.syncOperations.addHandler(
                PostgresKnockHandler { bound.value.postgresAnswered($0) }
            )
        } then: { [self] outcome in
            switch outcome {
            case .success(let channel):
                after(detection.knockLimit) { channel.close(promise: nil) }
            case .failure(let error):
                postgresAnswered(ConnectionTrouble.knock(error))
            }
        }
    }

    private func sitterAnswered(_ knock: Knock) {
        guard round != nil, round?.sitter == nil else { return }
        round?.sitter = knock
        endRound()
    }

    private func postgresAnswered(_ knock: Knock) {
        guard round != nil, round?.postgres == nil else { return }
        round?.postgres = knock
        endRound()
    }

    private func endRound() {
        guard !isClosed, let sitter = round?.sitter, let postgres = round?.postgres else { return }
        round = nil
        tell(.knocked(sitter: sitter, postgres: postgres))
    }

    private func connect(
        _ host: String,
        _ port: Int,
        with setUp: @escaping @Sendable (any Channel) throws -> Void,
        then: @escaping (Result<any Channel, any Error>) -> Void
    ) {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(rounding: detection.knockLimit))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try setUp(channel) }
            }
        let future =
            // What is no address is a name, and is looked up.
            if let address = try? SocketAddress(ipAddress: host, port: port) {
                bootstrap.connect(to: address)
            } else {
                bootstrap.connect(host: host, port: port)
            }
        future.assumeIsolated().whenComplete(then)
    }

    private func after(_ duration: Duration, _ work: @escaping () -> Void) {
        loop.assumeIsolated().scheduleTask(in: TimeAmount(rounding: duration), work)
    }
}
