import ArgumentParser
import ManateeCore
import ManateePorts
import ManateeWire

/// `snapshot`: what the storage of one peer, the one on this host, has of the past.
struct SnapshotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "List, take, hold, destroy and verify snapshots of this host's peer.",
        usage: "manatee-adm snapshot COMMAND [OPTIONS] [ARGS]",
        subcommands: [
            SnapshotListCommand.self, SnapshotTakeCommand.self, SnapshotDestroyCommand.self,
            SnapshotHoldCommand.self, SnapshotReleaseCommand.self, SnapshotVerifyCommand.self,
        ]
    )
}

/// The options that say which storage a command is about.
struct StorageOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "A sitter's or snapshotter's configuration with its storage. [$MANATEE_SITTER_CONFIG]",
            valueName: "CONFIG"
        )
    )
    var file: String?

    func configurationPath(in session: AdmSession) throws(AdmFailure) -> String {
        guard let path = session.value(of: file, orEnvironment: "MANATEE_SITTER_CONFIG") else {
            throw AdmFailure.usage("option is required: --file")
        }
        return path
    }

    /// Runs `body` on the storage.
    ///
    /// - Throws: `AdmFailure` or `OutputFailure`.
    func withStorage<Result>(
        in session: AdmSession,
        _ body: (any DataStorage) async throws -> Result
    ) async throws -> Result {
        let path = try configurationPath(in: session)
        do {
            return try await body(try session.ports.storage(path))
        } catch let failure as AdmFailure {
            throw failure
        } catch let failure as OutputFailure {
            throw failure
        } catch {
            throw AdmFailure.operation("\(error)")
        }
    }
}

/// The snapshot that a command is about.
struct SnapshotArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The snapshot's name.", valueName: "NAME"))
    var name: String

    func snapshot() throws(AdmFailure) -> SnapshotName { try Self.snapshot(name) }

    static func snapshot(_ name: String) throws(AdmFailure) -> SnapshotName {
        guard let snapshot = SnapshotName(name) else {
            throw AdmFailure.usage("not a snapshot's name: \"\(name)\"")
        }
        return snapshot
    }
}

/// `snapshot list`: all snapshots, oldest first.
struct SnapshotListCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List all snapshots, oldest first.",
        usage: "manatee-adm snapshot list [OPTIONS]"
    )

    @Flag(
        name: [.customShort("H"), .customLong("omitHeader")],
        help: "Omit header row from output."
    )
    var omitHeader = false

    @OptionGroup var storage: StorageOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let isJSON = try output.isJSON()
        return try await storage.withStorage(in: session) { storage in
            let snapshots = try await storage.snapshots()
            if isJSON {
                let list = JSONValue.object(["snapshots": .array(snapshots.map(\.json))])
                try session.write(JSONText.text(list) + "\n")
                return .success
            }
            let table = Table(
                columns: [
                    .init("NAME", width: 20), .init("TAKEN", width: 24),
                    .init("FREES", width: 12, alignment: .right),
                    .init("REFERS", width: 12, alignment: .right),
                    .init("HOLDS", width: 5, alignment: .right),
                ],
                rows: snapshots.map(Self.row)
            )
            try session.write(table.text(omitHeader: omitHeader))
            return .success
        }
    }

    private static func row(_ snapshot: StorageSnapshot) -> [String] {
        [
            snapshot.name.text,
            snapshot.taken ?? "-",
            snapshot.uniqueBytes.map(String.init) ?? "-",
            snapshot.referencedBytes.map(String.init) ?? "-",
            String(snapshot.holds),
        ]
    }
}

extension StorageSnapshot {
    /// When it was made, as ISO 8601 in UTC; nil if nobody knows.
    fileprivate var taken: String? {
        let milliseconds = name.milliseconds ?? createdSeconds.map { $0 * 1000 }
        return milliseconds.map { Timestamp(milliseconds: $0).text }
    }

    /// What programs read of it; null is what is not known.
    fileprivate var json: JSONValue {
        .object([
            "name": .string(name.text), "taken": taken.map { .string($0) } ?? .null,
            "freesBytes": uniqueBytes.map { .integer($0) } ?? .null,
            "refersBytes": referencedBytes.map { .integer($0) } ?? .null,
            "holds": .integer(Int64(holds)),
        ])
    }
}

/// `snapshot take`: one more, now.
struct SnapshotTakeCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "take",
        abstract: "Take a snapshot now.",
        usage: "manatee-adm snapshot take [OPTIONS] [NAME]",
        discussion: """
            Without a NAME it gets one of Manatee's own, and goes when the snapshotter's policy says \
            so. With a NAME it is yours: Manatee never destroys it.
            """
    )

    @Flag(
        help: ArgumentHelp(
            "Postgres is stopped: needed where snapshots are not of one moment (plain directories)."
        )
    )
    var stopped = false

    @Argument(help: ArgumentHelp("The snapshot's name.", valueName: "NAME"))
    var name: String?

    @OptionGroup var storage: StorageOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let snapshot = try chosen(in: session)
        let isJSON = try output.isJSON()
        return try await storage.withStorage(in: session) { storage in
            let able = try await storage.capabilities()
            guard able.atomicSnapshots || stopped else {
                throw AdmFailure.operation(
                    "a snapshot taken here while postgres runs would be of no use: "
                        + able.remarks.joined(separator: "; ")
                        + "; stop it and give --stopped"
                )
            }
            try await storage.takeSnapshot(snapshot)
            try Completion(
                operation: "snapshot take",
                text: snapshot.text,
                facts: ["snapshot": .string(snapshot.text)]
            ).write(asJSON: isJSON, in: session)
            return .success
        }
    }

    private func chosen(in session: AdmSession) throws(AdmFailure) -> SnapshotName {
        guard let name else { return SnapshotName(milliseconds: session.ports.now()) }
        guard let snapshot = SnapshotName(name), !snapshot.isOurs else {
            throw AdmFailure.usage(
                "not a name for a snapshot of yours: \"\(name)\" (letters, digits and . _ : -, and "
                    + "not 13 digits, which are Manatee's)"
            )
        }
        return snapshot
    }
}

/// `snapshot destroy`: one less.
struct SnapshotDestroyCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "Destroy a snapshot that nobody holds.",
        usage: "manatee-adm snapshot destroy [OPTIONS] NAME"
    )

    @OptionGroup var name: SnapshotArgument
    @OptionGroup var confirm: ConfirmOptions
    @OptionGroup var storage: StorageOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let snapshot = try name.snapshot()
        let isJSON = try output.isJSON()
        _ = try storage.configurationPath(in: session)
        try confirm.confirm("Destroy snapshot \(snapshot) for good?", in: session)
        return try await storage.withStorage(in: session) { storage in
            try await storage.destroySnapshot(snapshot)
            try Completion(
                operation: "snapshot destroy",
                facts: ["snapshot": .string(snapshot.text)]
            ).write(asJSON: isJSON, in: session)
            return .success
        }
    }
}

/// The word by which a hold is known.
struct HoldOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The word by which the hold is known.", valueName: "TAG")
    )
    var tag = "operator"
}

/// `snapshot hold`: nobody destroys it.
struct SnapshotHoldCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Keep a snapshot from being destroyed.",
        usage: "manatee-adm snapshot hold [OPTIONS] NAME"
    )

    @OptionGroup var name: SnapshotArgument
    @OptionGroup var hold: HoldOptions
    @OptionGroup var storage: StorageOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let snapshot = try name.snapshot()
        let isJSON = try output.isJSON()
        return try await storage.withStorage(in: session) { storage in
            try await storage.hold(snapshot, tag: hold.tag)
            try Completion(
                operation: "snapshot hold",
                facts: ["snapshot": .string(snapshot.text), "tag": .string(hold.tag)]
            ).write(asJSON: isJSON, in: session)
            return .success
        }
    }
}

/// `snapshot release`: the end of a hold.
struct SnapshotReleaseCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "End a hold.",
        usage: "manatee-adm snapshot release [OPTIONS] NAME"
    )

    @OptionGroup var name: SnapshotArgument
    @OptionGroup var hold: HoldOptions
    @OptionGroup var storage: StorageOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let snapshot = try name.snapshot()
        let isJSON = try output.isJSON()
        return try await storage.withStorage(in: session) { storage in
            try await storage.release(snapshot, tag: hold.tag)
            try Completion(
                operation: "snapshot release",
                facts: ["snapshot": .string(snapshot.text), "tag": .string(hold.tag)]
            ).write(asJSON: isJSON, in: session)
            return .success
        }
    }
}
