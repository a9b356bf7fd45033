import ManateeCore
import ManateePorts
import ManateeWire

/// The JSON bodies between backup server and receiver.
enum BackupBodies {
    /// The version of this protocol.
    static let version: Int64 = 1

    /// What can be wrong with a body.
    struct Invalid: Error, Equatable {
        /// The original's word for it.
        var code: String
        var message: String
    }

    // MARK: Requests

    /// `POST /backup`.
    struct Request: Equatable {
        var copy: CopyRequest
        /// How the receiver's storage reads streams; nil: not told.
        var streamFormat: String?
    }

    static func request(_ request: Request) -> JSONValue {
        var members: [String: JSONValue] = [
            "protocol": .integer(version),
            "having": .array(request.copy.having.map { .string($0.text) }),
            "fresh": .boolean(request.copy.isFresh),
            "compression": .string(request.copy.compression.rawValue),
        ]
        members["bytesPerSecond"] = request.copy.bytesPerSecond.map(JSONValue.integer)
        members["postgresVersion"] = request.copy.postgresVersion.map { .integer(Int64($0)) }
        members["format"] = request.streamFormat.map(JSONValue.string)
        return .object(members)
    }

    static func readRequest(_ bytes: [UInt8]) throws(Invalid) -> Request {
        let body = try object(bytes, of: "the request")
        if body["host"] != nil || body["port"] != nil {
            throw Invalid(
                code: "PushNotPossible",
                message:
                    "this server connects to nobody: receivers pull; a receiver of the original"
                    + " Manatee, which listens for a stream, cannot be served"
            )
        }
        guard let asked = body["protocol"] else {
            throw Invalid(code: "MissingParameter", message: "protocol is missing")
        }
        guard asked == .integer(version) else {
            throw Invalid(
                code: "WrongVersion",
                message: "protocol \(JSONText.text(asked)) is not known here, only \(version)"
            )
        }
        var copy = CopyRequest()
        copy.having = try names(body["having"])
        copy.isFresh = try flag(body["fresh"], "fresh")
        copy.compression = try compression(body["compression"])
        copy.bytesPerSecond = try number(body["bytesPerSecond"], "bytesPerSecond", 1024...(1 << 50))
        copy.postgresVersion = try number(body["postgresVersion"], "postgresVersion", 1...999)
            .map(Int.init)
        return Request(copy: copy, streamFormat: try word(body["format"], "format"))
    }

    // MARK: Offers

    /// The answer to `POST /backup`.
    struct Offer: Equatable {
        var copy: CopyOffer
        /// How long the server waits for a receiver that is silent, in seconds.
        var expiresAfter: Int64
    }

    static func offer(_ offer: Offer) -> JSONValue {
        .object([
            "jobid": .string(offer.copy.job),
            "jobPath": .string("/backup/\(offer.copy.job)"),
            "snapshot": .string(offer.copy.snapshot.text),
            "base": offer.copy.base.map { .string($0.text) } ?? .null,
            "size": offer.copy.size.map { .string("\($0)") } ?? .null,
            "postgresVersion": offer.copy.postgresVersion.map { .integer(Int64($0)) } ?? .null,
            "expiresAfter": .integer(offer.expiresAfter),
        ])
    }

    static func readOffer(_ bytes: [UInt8]) throws(Invalid) -> Offer {
        let body = try object(bytes, of: "the offer")
        guard let job = body["jobid"]?.text, !job.isEmpty,
            job.utf8.allSatisfy({ $0 != 0x2F && (0x21...0x7E).contains($0) }),
            let snapshot = body["snapshot"]?.text.flatMap(SnapshotName.init),
            let expiry = try number(body["expiresAfter"], "expiresAfter", 1...86400)
        else {
            throw Invalid(code: "InvalidArgument", message: "no jobid, snapshot and expiresAfter")
        }
        // A base that is not understood must not pass for none: that would be a whole copy.
        let base = try word(body["base"], "base").map { text throws(Invalid) in
            guard let name = SnapshotName(text) else { throw invalid("base", "a snapshot") }
            return name
        }
        let version = try number(body["postgresVersion"], "postgresVersion", 1...999)
        return Offer(
            copy: CopyOffer(
                job: job,
                snapshot: snapshot,
                base: base,
                size: try word(body["size"], "size").flatMap { Int64($0) },
                postgresVersion: version.map(Int.init)
            ),
            expiresAfter: expiry
        )
    }

    // MARK: Verdicts

    /// `POST /backup/UUID/verdict`: what became of the copy, which only the receiver knows.
    enum Verdict: Equatable, Sendable {
        case received
        case failed(String)
    }

    static func verdict(_ verdict: Verdict) -> JSONValue {
        switch verdict {
        case .received: .object(["received": .boolean(true)])
        case .failed(let reason):
            .object(["received": .boolean(false), "reason": .string(reason)])
        }
    }

    static func readVerdict(_ bytes: [UInt8]) throws(Invalid) -> Verdict {
        let body = try object(bytes, of: "the verdict")
        guard body["received"] != nil else {
            throw Invalid(code: "MissingParameter", message: "received is missing")
        }
        if try flag(body["received"], "received") { return .received }
        return .failed(try word(body["reason"], "reason") ?? "the receiver did not say why")
    }

    // MARK: Errors

    /// The original's `{"code", "message"}`.
    static func failure(_ code: String, _ message: String) -> JSONValue {
        .object(["code": .string(code), "message": .string(message)])
    }

    static func readFailure(_ bytes: [UInt8]) -> (code: String, message: String)? {
        // Somebody who does not answer in JSON is no backup server, which the caller tells.
        guard let body = try? object(bytes, of: "the answer"), let code = body["code"]?.text,
            let message = body["message"]?.text
        else { return nil }
        return (code, message)
    }

    // MARK: Reading

    private static func object(
        _ bytes: [UInt8],
        of document: String
    ) throws(Invalid) -> [String: JSONValue] {
        do {
            guard case .object(let members) = try JSONText.parse(bytes, document: document) else {
                throw Invalid(code: "InvalidArgument", message: "\(document) is no object")
            }
            return members.filter { $0.value != .null }
        } catch let invalid as Invalid {
            throw invalid
        } catch {
            throw Invalid(code: "InvalidArgument", message: "\(error)")
        }
    }

    /// More names than anybody keeps; the newest matter.
    private static let mostNames = 10_000

    private static func names(_ value: JSONValue?) throws(Invalid) -> [SnapshotName] {
        guard let value else { return [] }
        guard case .array(let values) = value, values.count <= mostNames else {
            throw invalid("having", "a list of at most \(mostNames) names")
        }
        var names: [SnapshotName] = []
        for value in values {
            guard let name = value.text.flatMap(SnapshotName.init) else {
                throw invalid("having", "names of snapshots")
            }
            names.append(name)
        }
        return names
    }

    private static func compression(
        _ value: JSONValue?
    ) throws(Invalid) -> CopyRequest.Compression {
        guard let value else { return .none }
        guard let known = value.text.flatMap(CopyRequest.Compression.init) else {
            let names = CopyRequest.Compression.allCases.map(\.rawValue)
            throw invalid("compression", "one of \(names.joined(separator: ", "))")
        }
        return known
    }

    private static func flag(_ value: JSONValue?, _ name: String) throws(Invalid) -> Bool {
        guard let value else { return false }
        guard case .boolean(let flag) = value else { throw invalid(name, "true or false") }
        return flag
    }

    private static func word(_ value: JSONValue?, _ name: String) throws(Invalid) -> String? {
        guard let value else { return nil }
        guard let text = value.text else { throw invalid(name, "a text") }
        return text
    }

    private static func number(
        _ value: JSONValue?,
        _ name: String,
        _ range: ClosedRange<Int64>
    ) throws(Invalid) -> Int64? {
        guard let value else { return nil }
        guard case .integer(let number) = value, range.contains(number) else {
            throw invalid(name, "a whole number, \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func invalid(_ name: String, _ expected: String) -> Invalid {
        Invalid(code: "InvalidArgument", message: "\(name) must be \(expected)")
    }
}
