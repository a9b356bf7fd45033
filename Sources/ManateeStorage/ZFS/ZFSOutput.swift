import ManateePorts

/// The values that `zfs get -Hp -o name,property,value` printed.
struct ZFSProperties: Equatable, Sendable {
    /// By data set or snapshot, then by property.
    private(set) var values: [String: [String: String]] = [:]

    /// The values in an output; lines that are none are skipped.
    init(_ output: String) {
        for line in output.split(separator: "\n") {
            // The value is last, and may hold anything but a newline.
            let fields = line.split(
                separator: "\t",
                maxSplits: 2,
                omittingEmptySubsequences: false
            )
            guard fields.count == 3 else { continue }
            values[String(fields[0]), default: [:]][String(fields[1])] = String(fields[2])
        }
    }

    /// One value; nil if it was not printed or is `-`, which stands for none.
    func value(_ property: String, of name: String) -> String? {
        values[name]?[property].flatMap { $0 == "-" ? nil : $0 }
    }

    /// A size, a time or a count.
    func number(_ property: String, of name: String) -> Int64? {
        value(property, of: name).flatMap { Int64($0) }
    }

    /// The snapshots of a data set by what follows the `@`, in the order of their transactions.
    func snapshots(of dataset: String) -> [(name: String, facts: SnapshotFacts)] {
        values.keys
            .compactMap { name -> (name: String, facts: SnapshotFacts)? in
                guard name.hasPrefix(dataset + "@") else { return nil }
                let facts = SnapshotFacts(
                    transaction: number("createtxg", of: name) ?? 0,
                    createdSeconds: number("creation", of: name),
                    usedBytes: number("used", of: name),
                    referencedBytes: number("referenced", of: name),
                    holds: number("userrefs", of: name).map { Int($0) } ?? 0
                )
                return (String(name.dropFirst(dataset.count + 1)), facts)
            }
            .sorted { ($0.facts.transaction, $0.name) < ($1.facts.transaction, $1.name) }
    }

    /// The file systems that are clones of `snapshot`.
    func clones(of snapshot: String) -> [String] {
        values.keys.filter { value("origin", of: $0) == snapshot }.sorted()
    }

    /// What `zfs` knows about a snapshot.
    struct SnapshotFacts: Equatable, Sendable {
        /// The transaction that made it: the order of creation.
        var transaction: Int64
        var createdSeconds: Int64?
        var usedBytes: Int64?
        var referencedBytes: Int64?
        var holds: Int

        /// The properties that these facts are read from.
        static let properties = ["used", "referenced", "creation", "createtxg", "userrefs"]
    }
}

/// What a version of `zfs` can do, by the usage that it prints.
struct ZFSUsage: Equatable, Sendable {
    /// The flags of each subcommand's forms, for example `send` and `-i`.
    private var flags: [String: Set<Character>] = [:]
    private(set) var subcommands: Set<String> = []

    /// What the usage says; each form is a line of its own: a tab, the subcommand, its options.
    init(_ text: String) {
        for line in text.split(separator: "\n") where line.hasPrefix("\t") {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard let subcommand = words.first, subcommand.allSatisfy(\.isLetter) else { continue }
            subcommands.insert(String(subcommand))
            for word in words.dropFirst() where word.hasPrefix("[-") || word.hasPrefix("<-") {
                // Alternatives may stand in brackets of their own: `[-[iI] snapshot]`.
                let letters = word.dropFirst(2).drop { $0 == "[" }.prefix { $0.isLetter }
                flags[String(subcommand), default: []].formUnion(letters)
            }
            for word in words.dropFirst() where word.hasPrefix("-") && word.count == 2 {
                flags[String(subcommand), default: []].formUnion(word.dropFirst())
            }
        }
    }

    /// Whether a subcommand has a flag.
    func has(_ flag: Character, in subcommand: String) -> Bool {
        flags[subcommand]?.contains(flag) ?? false
    }

    /// Whether an interrupted transfer can go on: both ends need to know how.
    var resumableReceive: Bool { has("s", in: "receive") && has("t", in: "send") }

    /// Whether rights can be delegated, by the words; whether it works, only a try can tell.
    var offersDelegation: Bool { subcommands.contains("allow") }
}

/// What the messages of `zfs` mean, over its versions.
enum ZFSMessage {
    /// The kind of failure that the last words of a failed command tell.
    static func kind(_ message: String) -> StorageFailure.Kind {
        meanings.first { message.contains($0.words) }?.kind ?? .failed
    }

    /// The first that fits counts: specific ones come first.
    private static let meanings: [(words: String, kind: StorageFailure.Kind)] = [
        ("has dependent clones", .hasClones),
        ("more recent snapshots", .newerSnapshots),
        ("more recent bookmarks", .newerSnapshots),
        ("does not match incremental source", .noCommonSnapshot),
        ("incremental source", .noCommonSnapshot),
        ("has been modified", .noCommonSnapshot),
        ("not an earlier snapshot", .noCommonSnapshot),
        ("failed to read from stream", .badStream),
        ("invalid backup stream", .badStream),
        ("invalid stream", .badStream),
        ("incomplete stream", .badStream),
        ("partial stream", .badStream),
        ("checksum mismatch", .badStream),
        ("no such tag", .missing),
        ("out of space", .noSpace),
        ("No space left on device", .noSpace),
        ("quota exceeded", .noSpace),
        ("permission denied", .notPermitted),
        ("Permission denied", .notPermitted),
        ("Operation not permitted", .notPermitted),
        ("already exists", .exists),
        ("is not empty", .foreignMount),
        ("is busy", .inUse),
        ("does not exist", .missing),
        ("no such pool", .missing),
        ("could not find any snapshots", .missing),
    ]
}
