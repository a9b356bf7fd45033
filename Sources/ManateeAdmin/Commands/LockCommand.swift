import ArgumentParser
import ManateeCore
import ManateePorts
import ManateeWire

/// `check-lock`: whether a path exists in the store, as an exit code.
struct LockCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "check-lock",
        abstract: "Check that a lock's path does not exist in ZooKeeper.",
        usage: "manatee-adm check-lock [OPTIONS]"
    )

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The lock's path, which begins with \"/\".", valueName: "PATH")
    )
    var path: String?

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        guard let path, !path.isEmpty else {
            throw AdmFailure.usage("option is required: --path")
        }
        let target = try store.target(in: session)
        let isJSON = try output.isJSON()
        // The first part is what stands before the first slash.
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.first == "", parts.dropFirst().allSatisfy({ !$0.isEmpty }) else {
            throw AdmFailure.usage("not a path in ZooKeeper: \"\(path)\"")
        }
        let isLocked = try await session.withStore(target) { try await $0.exists(path) }
        if isJSON {
            let found: [String: JSONValue] = ["path": .string(path), "exists": .boolean(isLocked)]
            try session.write(JSONText.text(.object(found)) + "\n")
        }
        return isLocked ? .failure : .success
    }
}
