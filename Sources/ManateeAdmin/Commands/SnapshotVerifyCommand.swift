import ArgumentParser
import ManateeCore
import ManateePorts
import ManateeWire

/// `snapshot verify`: the proof that a peer could be built from a snapshot.
struct SnapshotVerifyCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove that a snapshot holds a sound database.",
        usage: "manatee-adm snapshot verify [OPTIONS] [NAME]",
        discussion: """
            A clone of the snapshot is started where nobody else reaches it, and all its tables and \
            indexes are checked with pg_amcheck. The snapshot and the running database stay as they \
            are. Exit code 0: it is sound; 1: it is not, or the operation failed; 75: nothing can be \
            told.
            """
    )

    @Argument(
        help: ArgumentHelp(
            "The snapshot's name (default: Manatee's newest one).",
            valueName: "NAME"
        )
    )
    var name: String?

    @OptionGroup var storage: StorageOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let given = try name.map(SnapshotArgument.snapshot)
        let isJSON = try output.isJSON()
        let path = try storage.configurationPath(in: session)
        return try await storage.withStorage(in: session) { storage in
            guard let snapshot = try await chosen(given, of: storage) else {
                throw AdmFailure.operation("there is no snapshot of Manatee's here")
            }
            let inspector = try session.ports.inspector(path)
            do {
                let verdict = try await storage.withClone(of: snapshot) { clone in
                    try await inspector.inspect(clone)
                }
                return try tell(verdict, of: snapshot, asJSON: isJSON, in: session)
            } catch let undecided as CopyUndecided {
                throw AdmFailure.undecided(
                    "nothing can be told about snapshot \(snapshot): \(undecided)"
                )
            } catch is CancellationError {
                throw AdmFailure.undecided(
                    "interrupted: nothing can be told about snapshot \(snapshot)"
                )
            }
        }
    }

    private func chosen(
        _ given: SnapshotName?,
        of storage: any DataStorage
    ) async throws -> SnapshotName? {
        if let given { return given }
        return try await storage.snapshots().newestOwn(before: .max)?.name
    }

    private func tell(
        _ verdict: CopyVerdict,
        of snapshot: SnapshotName,
        asJSON isJSON: Bool,
        in session: AdmSession
    ) throws(OutputFailure) -> AdmExit {
        if isJSON {
            let facts: [String: JSONValue] = [
                "snapshot": .string(snapshot.text), "sound": .boolean(verdict.isSound),
                "position": verdict.position.map { .string($0) } ?? .null,
                "databases": .array(verdict.databases.map { .string($0) }),
                "findings": .array(verdict.findings.map { .string($0) }),
            ]
            try session.write(JSONText.text(.object(facts)) + "\n")
            return verdict.isSound ? .success : .failure
        }
        guard verdict.isSound, let position = verdict.position else {
            let findings = verdict.findings.map { "  \($0)\n" }.joined()
            try session.write("snapshot \(snapshot) is damaged:\n\(findings)")
            return .failure
        }
        try session.write(
            "snapshot \(snapshot) is sound: postgres recovered it up to \(position), and found nothing "
                + "wrong in \(verdict.databases.joined(separator: ", "))\n"
        )
        return .success
    }
}
