/// The name of a snapshot: one word that every backend can store and that is no option of a tool.
package struct SnapshotName: Hashable, Sendable, CustomStringConvertible {
    /// The longest name, in characters.
    package static let longest = 100

    /// The name, for example `1700000000000`.
    package let text: String

    /// A name of 1 to 100 letters, digits and `.`, `_`, `:`, `-`, beginning with a letter or digit;
    /// nil otherwise.
    package init?(_ text: String) {
        guard Self.isWord(text) else { return nil }
        self.text = text
    }

    /// One of Manatee's own names, for a moment in milliseconds since 1970.
    ///
    /// A moment that has no 13 digits (before 2001 and after 2286) is moved to the nearest that has.
    package init(milliseconds: Int64) {
        text = String(min(max(milliseconds, 1_000_000_000_000), 9_999_999_999_999))
    }

    /// When Manatee took it, in milliseconds since 1970; nil if somebody else named it.
    package var milliseconds: Int64? {
        guard text.utf8.count == 13, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }

    /// Whether Manatee took it: exactly 13 digits.
    package var isOurs: Bool { milliseconds != nil }

    package var description: String { text }

    /// Whether `text` can be part of a path or of a data set's name as it is.
    package static func isWord(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= longest else { return false }
        return isAlphanumeric(first)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "._:-".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case _: false
        }
    }
}

/// One snapshot of the data.
package struct StorageSnapshot: Equatable, Sendable {
    /// Its name.
    package var name: SnapshotName
    /// When it was made, in seconds since 1970, if the backend knows.
    package var createdSeconds: Int64?
    /// How much its destruction would free, in bytes, if the backend knows.
    package var uniqueBytes: Int64?
    /// How much it refers to, in bytes, if the backend knows.
    package var referencedBytes: Int64?
    /// How many holds keep it.
    package var holds: Int

    /// A snapshot of these facts.
    package init(
        name: SnapshotName,
        createdSeconds: Int64? = nil,
        uniqueBytes: Int64? = nil,
        referencedBytes: Int64? = nil,
        holds: Int = 0
    ) {
        self.name = name
        self.createdSeconds = createdSeconds
        self.uniqueBytes = uniqueBytes
        self.referencedBytes = referencedBytes
        self.holds = holds
    }
}

extension [StorageSnapshot] {
    /// The newest of Manatee's own snapshots taken before `milliseconds` since 1970.
    package func newestOwn(before milliseconds: Int64) -> StorageSnapshot? {
        compactMap { snapshot in snapshot.name.milliseconds.map { (snapshot, $0) } }
            .filter { $0.1 < milliseconds }
            .max { $0.1 < $1.1 }?
            .0
    }
}

/// Why data is set aside.
package struct IsolationReason: Equatable, Sendable {
    /// The word that the name begins with, for example `autorebuild`.
    package let word: String

    /// A reason of 1 to 30 lowercase letters; nil otherwise.
    package init?(_ word: String) {
        guard (1...30).contains(word.utf8.count),
            word.utf8.allSatisfy({ (0x61...0x7A).contains($0) })
        else { return nil }
        self.word = word
    }

    private init(known word: String) { self.word = word }

    /// The sitter replaces the data by another peer's.
    package static let autorebuild = IsolationReason(known: "autorebuild")
    /// An operator replaces it.
    package static let rebuild = IsolationReason(known: "rebuild")
    /// It holds what the shard does not have.
    package static let diverged = IsolationReason(known: "diverged")
}

/// Data that was set aside.
package struct IsolatedData: Equatable, Sendable {
    /// Its name, `<reason>-<ISO 8601 moment in UTC with milliseconds>`.
    package var name: String
    /// How much its destruction would free at most, in bytes, if the backend knows.
    package var bytes: Int64?
    /// Its snapshots that have holds: it cannot be destroyed.
    package var held: [SnapshotName]

    /// Data set aside under `name`.
    package init(name: String, bytes: Int64?, held: [SnapshotName]) {
        self.name = name
        self.bytes = bytes
        self.held = held
    }
}
