import Crypto
import FoundationEssentials
import Glibc

/// What a shard's backup servers and those who pull from them both know, and nobody else.
package struct BackupToken: Sendable, CustomStringConvertible {
    /// The fewest characters that a token may have.
    package static let shortest = 32

    private let text: String

    /// The token in the first line of a file that only its owner may read.
    ///
    /// - Throws: `BackupTokenFailure`.
    package init(file: String) throws(BackupTokenFailure) {
        var facts = stat()
        guard stat(file, &facts) == 0 else {
            throw BackupTokenFailure(
                "the token file \(file) cannot be read: \(String(cString: strerror(errno))); make it"
                    + " with --create-token, or copy it from another peer of the shard"
            )
        }
        guard facts.st_mode & 0o077 == 0 else {
            throw BackupTokenFailure(
                "the token file \(file) is open to others (mode 0"
                    + "\(String(facts.st_mode & 0o777, radix: 8))): run `chmod 600` on it, and consider"
                    + " its token known"
            )
        }
        let content: String
        do {
            content = try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw BackupTokenFailure("the token file \(file) cannot be read: \(error)")
        }
        let line = content.prefix { !$0.isNewline }
        guard line.utf8.count >= Self.shortest, line.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw BackupTokenFailure(
                "the token file \(file) holds no token: expected one line of at least"
                    + " \(Self.shortest) visible ASCII characters (`openssl rand -hex 32`)"
            )
        }
        text = String(line)
    }

    /// A new token of 256 random bits.
    package init() {
        text = SymmetricKey(size: .bits256).withUnsafeBytes { bytes in
            bytes.map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }.joined()
        }
    }

    /// Writes it to a new file that only its owner may read.
    ///
    /// - Throws: `BackupTokenFailure`, also if there is such a file.
    package func save(to file: String) throws(BackupTokenFailure) {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw BackupTokenFailure(
                "cannot make the token file \(file): \(String(cString: strerror(errno)))"
            )
        }
        defer { close(descriptor) }
        let bytes = Array((text + "\n").utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw BackupTokenFailure(
                "cannot write the token file \(file): \(String(cString: strerror(errno)))"
            )
        }
    }

    /// The value of the `Authorization` header.
    var authorization: String { "Bearer \(text)" }

    /// Whether a header carries this token; how long that takes tells nothing about it.
    func admits(_ authorization: String?) -> Bool {
        guard let authorization else { return false }
        // The comparison of digests takes the same time whatever they are.
        return SHA256.hash(data: Array(authorization.utf8))
            == SHA256.hash(data: Array(self.authorization.utf8))
    }

    /// Says that there is a token, not which.
    package var description: String { "a token (not shown)" }
}

/// Why there is no token.
package struct BackupTokenFailure: Error, Equatable, CustomStringConvertible {
    /// What was attempted, what was seen, and what to do.
    package let description: String

    init(_ description: String) { self.description = description }
}
