import Hummingbird
import ManateeCore
import ManateeJournal
import ManateePorts
import NIOCore
import Synchronization

/// Sends the sitter's journal to those who follow it, as server-sent events.
final class EventStreams: Sendable {
    /// How many may follow at once; more are told to come back later.
    static let limit = 32
    /// How often a line is sent when nothing happens, so that a dead reader is noticed.
    static let heartbeat = Duration.seconds(10)
    /// How long a reader may not read before it is cut off.
    static let patience = Duration.seconds(10)

    private let count = Mutex(0)

    func answer(
        _ request: Request,
        _ status: any SitterStatus,
        _ channel: any Channel
    ) async -> Response {
        let epoch = await status.journal().epoch
        let after: Int?
        do {
            let id = try request.headers[.lastEventID].map { header throws(BadRequest) in
                try EventID(header)
            }
            // The numbers of an earlier process mean nothing here: all that is kept is news.
            after = id.map { $0.epoch == epoch ? $0.number : 0 }
        } catch {
            return Answer.bad(error)
        }
        if request.method == .head { return Self.response(ResponseBody()) }
        guard enter() else {
            var response = Answer.failure(
                .serviceUnavailable,
                "ServiceUnavailableError",
                "\(Self.limit) readers follow the events already; try again later"
            )
            response.headers[.retryAfter] = "10"
            return response
        }
        return Self.response(
            ResponseBody { [self] writer in
                defer { leave() }
                let entries = await status.entries(after: after)
                try await Self.send(entries, epoch: epoch, to: &writer, channel)
                try await writer.finish(nil)
            }
        )
    }

    private func enter() -> Bool {
        count.withLock { count in
            guard count < Self.limit else { return false }
            count += 1
            return true
        }
    }

    private func leave() { count.withLock { $0 -= 1 } }

    private static func response(_ body: ResponseBody) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"],
            body: body
        )
    }

    /// What is to be sent next.
    private enum Piece {
        case entry(JournalEntry)
        case heartbeat
    }

    private static func send(
        _ entries: AsyncStream<JournalEntry>,
        epoch: WallTime,
        to writer: inout any ResponseBodyWriter,
        _ channel: any Channel
    ) async throws {
        let (pieces, sink) = AsyncStream.makeStream(
            of: Piece.self,
            bufferingPolicy: .bufferingOldest(2 * Journal.keptEntries)
        )
        let writing = WriteWatch()
        try await withThrowingTaskGroup { group in
            group.addTask {
                for await entry in entries {
                    if case .dropped = sink.yield(.entry(entry)) { break }
                }
                sink.finish()
            }
            group.addTask {
                // Sleeping fails only by cancellation: then nobody is sent anything any more.
                while (try? await Task.sleep(for: heartbeat)) != nil {
                    sink.yield(.heartbeat)
                    guard writing.isStuck(after: patience) else { continue }
                    sink.finish()
                    channel.close(mode: .all, promise: nil)
                }
            }
            defer { group.cancelAll() }
            try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
            for await piece in pieces {
                writing.begin()
                try await writer.write(ByteBuffer(string: text(piece, epoch)))
                writing.end()
            }
        }
    }

    private static func text(_ piece: Piece, _ epoch: WallTime) -> String {
        switch piece {
        case .heartbeat: return ": nothing new\n\n"
        case .entry(let entry):
            let data = StatusBodies.text(body(entry)).dropLast()
            let id = EventID(epoch: epoch, number: entry.number)
            return "id: \(id)\nevent: \(entry.kind.rawValue)\ndata: \(data)\n\n"
        }
    }

    /// One line of the journal as JSON.
    static func body(_ entry: JournalEntry) -> JSONValue {
        .object([
            "time": .string(entry.time.description),
            "kind": .string(entry.kind.rawValue),
            "label": .string(entry.label),
            "text": .string(entry.text),
            "role": .string(entry.role.rawValue),
            "generation": .optional(entry.generation?.number),
        ])
    }
}

/// The identity of an event: the life of the sitter, and the line of its journal.
struct EventID: Equatable, CustomStringConvertible {
    var epoch: WallTime
    var number: Int

    init(epoch: WallTime, number: Int) {
        self.epoch = epoch
        self.number = number
    }

    /// Reads `EPOCH-NUMBER`, as `description` writes it.
    init(_ text: String) throws(BadRequest) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let epoch = Int64(parts[0]), let number = Int(parts[1]) else {
            throw BadRequest(
                "Last-Event-ID is \"\(text.prefix(60))\"; expected the id of an event, such as "
                    + "1700000000000-17, or 0-0 for all that are kept"
            )
        }
        self.init(epoch: WallTime(milliseconds: epoch), number: number)
    }

    var description: String { "\(epoch.milliseconds)-\(number)" }
}

/// Since when one write has been under way.
private final class WriteWatch: Sendable {
    private let since = Mutex<ContinuousClock.Instant?>(nil)

    func begin() { since.withLock { $0 = .now } }

    func end() { since.withLock { $0 = nil } }

    func isStuck(after patience: Duration) -> Bool {
        since.withLock { $0.map { $0.duration(to: .now) >= patience } ?? false }
    }
}
