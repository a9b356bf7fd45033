import ArgumentParser
import ManateeCore
import ManateePorts
import ManateeWire

/// `config edit`: changes the configuration of the whole shard.
struct ConfigEditCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change the configuration of the whole shard.",
        usage: "manatee-adm config edit [OPTIONS]",
        discussion: """
            Without --set, --unset and --file an editor is opened ($EDITOR, or vi). The change is \
            shown and confirmed before it is stored. What somebody else stored meanwhile is never \
            overwritten. No role changes by it, and no postgres is stopped: what needs a restart \
            waits for the next one.
            """
    )

    @Option(help: ArgumentHelp("Set a parameter; may be repeated.", valueName: "NAME=VALUE"))
    var set: [String] = []

    @Option(help: ArgumentHelp("Take a parameter out; may be repeated.", valueName: "NAME"))
    var unset: [String] = []

    @Option(
        help: ArgumentHelp(
            "The whole document, YAML or JSON; - is the standard input.",
            valueName: "FILE"
        )
    )
    var file: String?

    @OptionGroup var shard: ShardOptions
    @OptionGroup var probe: ProbeOptions
    @OptionGroup var confirmation: ConfirmOptions
    @OptionGroup var output: OutputOptions

    /// A document, and the file that keeps what an operator typed.
    private struct Draft {
        var configuration: ClusterConfiguration
        var keptAt: String?
    }

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let isJSON = try output.isJSON()
        let limit = try probe.limit()
        guard file == nil || set.isEmpty && unset.isEmpty else {
            throw AdmFailure.usage("--file cannot be given with --set or --unset")
        }
        let found = try await ShardConfiguration.load(target, in: session)
        let draft = try await draft(of: found, in: session)
        do {
            let exit = try await store(draft, over: found, target, limit, isJSON, in: session)
            if let path = draft.keptAt { session.ports.configuration.editor.discard(path) }
            return exit
        } catch let failure as AdmFailure {
            guard let path = draft.keptAt else { throw failure }
            throw failure.adding("; your text is kept in \(path)")
        }
    }

    // MARK: What is wanted

    private func draft(
        of found: ShardConfiguration,
        in session: AdmSession
    ) async throws -> Draft {
        if let file {
            let document = ConfigurationDocument(file: file)
            return Draft(configuration: try document.read(in: session).following(found))
        }
        if set.isEmpty && unset.isEmpty { return try await typed(found, in: session) }
        if let fault = found.fault { throw fault }
        var configuration = found.usable ?? ClusterConfiguration()
        for name in unset {
            guard configuration.remove(name) else {
                throw AdmFailure.operation(
                    "\(name) is not set; \"manatee-adm config show\" lists all"
                )
            }
        }
        var fields = ClusterConfigurationJSON.value(configuration)
        for pair in set {
            let parts = pair.split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            guard parts.count == 2, !parts[0].isEmpty else {
                throw AdmFailure.usage("--set wants NAME=VALUE, not \"\(pair)\"")
            }
            fields = fields.setting(String(parts[0]), to: String(parts[1]))
        }
        do {
            return Draft(configuration: try ClusterConfigurationJSON.decode(fields))
        } catch {
            throw error.problems.failure(of: "the configuration")
        }
    }

    private func typed(
        _ found: ShardConfiguration,
        in session: AdmSession
    ) async throws -> Draft {
        let editor = session.ports.configuration.editor
        var text = ConfigurationText.text(found.usable ?? ClusterConfiguration())
        if let problem = found.problem, let stored = found.stored {
            text = "# cannot be used: \(problem)\n" + String(decoding: stored.data, as: UTF8.self)
        }
        let edited: (text: String, path: String)
        do {
            edited = try await editor.edit(text)
        } catch {
            throw AdmFailure.operation("\(error)")
        }
        do {
            let document = try ConfigurationDocument.parse(
                edited.text,
                name: "the configuration",
                in: session
            )
            return Draft(
                configuration: try document.following(found),
                keptAt: edited.path
            )
        } catch {
            throw error.adding("; your text is kept in \(edited.path)")
        }
    }

    // MARK: Storing

    private func store(
        _ draft: Draft,
        over found: ShardConfiguration,
        _ target: ShardTarget,
        _ limit: Duration,
        _ isJSON: Bool,
        in session: AdmSession
    ) async throws -> AdmExit {
        var new = draft.configuration
        let old = found.usable ?? ClusterConfiguration()
        if found.fault == nil, new.asksTheSame(as: old) {
            try completed(target, old.version, "Nothing changed.", isJSON, in: session)
            return .success
        }
        let catalogue = try await found.catalogue(target, within: limit, in: session)
        if let catalogue {
            let problems = new.problems(by: catalogue)
            guard problems.isEmpty else { throw problems.failure(of: "the configuration") }
        } else {
            try session.remark(
                "warning: no postgres can be asked whether it knows the parameters\n"
            )
        }
        for line in ConfigurationText.difference(from: old, to: new) {
            try session.remark(line + "\n")
        }
        try confirmation.confirm("Store this configuration for all peers?", in: session)
        new.version = max(old.version, found.writes) + 1
        let (data, expecting) = (ClusterConfigurationJSON.encode(new), found.stored?.version)
        try await session.withShard(target) { store in
            try await write(data, expecting: expecting, to: store)
        }
        let waiting = (catalogue ?? [:]).values
            .filter {
                $0.context == "postmaster" && old.parameters[$0.name] != new.parameters[$0.name]
            }
            .map(\.name).sorted()
        if !waiting.isEmpty {
            try session.remark(
                "takes effect at each peer's next restart of postgres: "
                    + waiting.joined(separator: ", ") + "\n"
            )
        }
        try completed(target, new.version, "Stored version \(new.version).", isJSON, in: session)
        return .success
    }

    private func write(
        _ data: [UInt8],
        expecting: StateVersion?,
        to store: any ShardAdministration
    ) async throws {
        switch await store.writeConfiguration(data, expecting: expecting) {
        case .written:
            return
        case .conflict:
            throw AdmFailure.operation(
                "somebody else changed the configuration meanwhile, so nothing was stored; look with "
                    + "\"manatee-adm config show\" and edit again"
            )
        case .refused(let why):
            throw AdmFailure.operation("cannot write the configuration: \(why)")
        case .unknown(let why):
            // What is stored tells whether it was written.
            if try await store.readConfiguration()?.data == data { return }
            throw AdmFailure.operation("cannot write the configuration: \(why); nothing was stored")
        }
    }

    private func completed(
        _ target: ShardTarget,
        _ version: Int64,
        _ text: String,
        _ isJSON: Bool,
        in session: AdmSession
    ) throws {
        try Completion(
            operation: "config edit",
            shard: target.shard,
            text: text,
            facts: ["version": .integer(version)]
        ).write(asJSON: isJSON, in: session)
    }
}

extension ClusterConfiguration {
    /// The document, if it was made from what is stored, or does not say from what.
    ///
    /// Nothing can have been made from what cannot be read, which anything may replace.
    fileprivate func following(
        _ found: ShardConfiguration
    ) throws(AdmFailure) -> ClusterConfiguration {
        let current = found.usable?.version ?? 0
        guard version == 0 || version == current || found.fault != nil else {
            throw AdmFailure.operation(
                "the document was made from version \(version), but version \(current) is stored; "
                    + "nothing was stored; look with \"manatee-adm config show\" and edit that"
            )
        }
        return self
    }

    /// Takes a parameter or `failureDetection.NAME` out; false if it is not there.
    fileprivate mutating func remove(_ name: String) -> Bool {
        if name == "failureDetection.profile" {
            defer { detection.profile = nil }
            return detection.profile != nil
        }
        let prefix = "failureDetection."
        if name.hasPrefix(prefix) {
            return detection.limits.removeValue(forKey: String(name.dropFirst(prefix.count))) != nil
        }
        return parameters.removeValue(forKey: name.lowercased()) != nil
    }
}

extension JSONValue {
    /// The document with a parameter, or `failureDetection.NAME`, set.
    fileprivate func setting(_ name: String, to text: String) -> JSONValue {
        let prefix = "failureDetection."
        return name.hasPrefix(prefix)
            ? setting(["failureDetection", String(name.dropFirst(prefix.count))], to: text)
            : setting(["postgresql", "parameters", name.lowercased()], to: text)
    }

    private func setting(_ path: [String], to text: String) -> JSONValue {
        guard let name = path.first else { return .string(text) }
        var members: [String: JSONValue] = [:]
        if case .object(let own) = self { members = own }
        members[name] = (members[name] ?? .object([:])).setting(Array(path.dropFirst()), to: text)
        return .object(members)
    }
}

extension AdmFailure {
    /// The same failure with more to say.
    fileprivate func adding(_ words: String) -> AdmFailure {
        switch self {
        case .usage(let message): .usage(message + words)
        case .operation(let message): .operation(message + words)
        case .storeUnreachable(let message): .storeUnreachable(message + words)
        case .timeRanOut(let message): .timeRanOut(message + words)
        case .undecided(let message): .undecided(message + words)
        }
    }
}
