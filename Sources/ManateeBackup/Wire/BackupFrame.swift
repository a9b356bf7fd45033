import Crypto
import NIOCore

/// One piece of a stream between backup server and receiver.
///
/// On the wire: the kind (one byte), its number (8 bytes), the payload's length (4 bytes, all in network
/// order), the payload, and 32 bytes of SHA-256 over the preceding frame's digest, this header and this
/// payload. So each digest vouches for everything up to it, and the last one for the whole stream: a
/// changed, lost, doubled or reordered byte is found at the frame that it is in.
struct BackupFrame: Equatable {
    /// What a frame carries.
    enum Kind: UInt8 {
        /// Bytes of the stream.
        case data = 0x44
        /// Nothing: the sender lives, but has nothing to send. It is not numbered and not part of the
        /// chain: its number and digest are the next frame's and the preceding one's.
        case idle = 0x49
        /// The stream is complete.
        case end = 0x45
        /// The source failed; the payload says why.
        case failure = 0x46
    }

    /// The longest payload that is sent, in bytes; a stream is cut into frames of this size.
    static let chunk = 256 << 10
    /// The longest payload that is accepted, in bytes: it bounds what a receiver holds.
    static let longestPayload = 1 << 20
    static let headerLength = 13
    static let digestLength = 32

    var kind: Kind
    var sequence: UInt64
    var payload: ByteBuffer
}

/// The digest that grows with each frame.
struct FrameChain: Equatable, Sendable {
    /// The digest of the last frame.
    private(set) var digest: [UInt8]
    /// The number of the next frame.
    private(set) var sequence: UInt64 = 0

    /// The chain of a job's stream before its first frame.
    ///
    /// What it is the stream of is part of it: frames of another job are refused.
    init(job: String, snapshot: String, base: String?) {
        let text = "manatee-backup/1\n\(job)\n\(snapshot)\n\(base ?? "")\n"
        digest = Array(SHA256.hash(data: Array(text.utf8)))
    }

    /// Writes the next frame, and goes on behind it unless it is idle.
    mutating func encode(_ kind: BackupFrame.Kind, _ payload: some Collection<UInt8>) -> ByteBuffer
    {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(
            BackupFrame.headerLength + payload.count + BackupFrame.digestLength
        )
        buffer.writeInteger(kind.rawValue)
        buffer.writeInteger(sequence)
        buffer.writeInteger(UInt32(payload.count))
        buffer.writeBytes(payload)
        if kind != .idle { advance(over: buffer.readableBytesView) }
        buffer.writeBytes(digest)
        return buffer
    }

    /// Goes on behind a frame whose header and payload are `bytes`.
    fileprivate mutating func advance(over bytes: ByteBufferView) {
        var hash = SHA256()
        hash.update(data: digest)
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        digest = Array(hash.finalize())
        sequence += 1
    }
}

/// Takes the bytes of a connection apart into frames, and lets none through that is not as it was sent.
struct FrameReader {
    private(set) var chain: FrameChain
    private var buffer = ByteBuffer()

    /// Reads from where `chain` is.
    init(_ chain: FrameChain) {
        self.chain = chain
    }

    /// Adds bytes as they come, in pieces of any size.
    mutating func append(_ bytes: ByteBuffer) {
        buffer.discardReadBytes()
        var bytes = bytes
        buffer.writeBuffer(&bytes)
    }

    /// Forgets an incomplete frame: its connection broke, and another sends it again.
    mutating func restart() { buffer.clear() }

    /// The next complete frame, checked; nil if more bytes are needed.
    mutating func next() throws(FrameError) -> BackupFrame? {
        let start = buffer.readerIndex
        guard let kind: UInt8 = buffer.getInteger(at: start),
            let sequence: UInt64 = buffer.getInteger(at: start + 1),
            let length: UInt32 = buffer.getInteger(at: start + 9)
        else { return nil }
        guard let kind = BackupFrame.Kind(rawValue: kind) else { throw .unknownKind(kind) }
        guard sequence == chain.sequence else {
            throw .wrongNumber(sequence, expected: chain.sequence)
        }
        guard length <= BackupFrame.longestPayload else { throw .tooLong(length) }
        let covered = BackupFrame.headerLength + Int(length)
        guard let digest = buffer.getBytes(at: start + covered, length: BackupFrame.digestLength),
            let bytes = buffer.viewBytes(at: start, length: covered)
        else { return nil }
        var advanced = chain
        if kind != .idle { advanced.advance(over: bytes) }
        guard advanced.digest == digest else { throw .wrongDigest(sequence) }
        chain = advanced
        let payload = buffer.getSlice(at: start + BackupFrame.headerLength, length: Int(length))
        buffer.moveReaderIndex(forwardBy: covered + BackupFrame.digestLength)
        return BackupFrame(kind: kind, sequence: sequence, payload: payload ?? ByteBuffer())
    }
}

/// What is wrong with a stream.
enum FrameError: Error, Equatable, CustomStringConvertible {
    case unknownKind(UInt8)
    case wrongNumber(UInt64, expected: UInt64)
    case tooLong(UInt32)
    case wrongDigest(UInt64)

    var description: String {
        switch self {
        case .unknownKind(let kind): "a frame of unknown kind \(kind)"
        case .wrongNumber(let number, let expected):
            "frame \(number) where frame \(expected) should be"
        case .tooLong(let length):
            "a frame of \(length) bytes, more than \(BackupFrame.longestPayload)"
        case .wrongDigest(let number): "frame \(number) is not what was sent: its SHA-256 differs"
        }
    }
}
