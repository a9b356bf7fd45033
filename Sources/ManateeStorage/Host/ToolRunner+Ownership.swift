import ManateePorts

extension ToolRunner {
    /// What changing the owner of a large database's files may take.
    private static let ownerLimit = Duration.seconds(600)

    /// Gives a tree to its owner if the directory or an entry of it belongs to somebody else.
    ///
    /// Walking the whole database whenever postgres starts would make each failover longer.
    func give(_ path: String, to owner: StorageOwner) async throws(StorageFailure) {
        guard HostFiles.isForeign(path, to: owner) else { return }
        let command = ToolCommand(
            path: "/usr/bin/chown",
            arguments: [
                "--recursive", "--no-dereference", "\(owner.user):\(owner.group)", "--", path,
            ],
            limit: Self.ownerLimit
        )
        let answer = try await output(of: command)
        guard answer.status == 0 else {
            throw StorageFailure(
                .notPermitted,
                "'\(command.words)' failed (status \(answer.status)): \(answer.errors.lastWords)"
            )
        }
    }
}
