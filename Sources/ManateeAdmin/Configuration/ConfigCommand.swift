import ArgumentParser
import ManateeCore
import ManateeWire

/// `config`: what all peers of a shard are told in common.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show and change the configuration of the whole shard.",
        usage: "manatee-adm config COMMAND [OPTIONS] [ARGS]",
        subcommands: [
            ConfigShowCommand.self, ConfigEditCommand.self, ConfigDiffCommand.self,
            ConfigValidateCommand.self,
        ]
    )
}

/// `config show`: the configuration as it is stored.
struct ConfigShowCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the configuration of the whole shard.",
        usage: "manatee-adm config show [OPTIONS]"
    )

    @OptionGroup var shard: ShardOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let isJSON = try output.isJSON()
        let found = try await ShardConfiguration.load(target, in: session)
        if let fault = found.fault { throw fault }
        let configuration = found.usable ?? ClusterConfiguration()
        if isJSON {
            let value = ClusterConfigurationJSON.value(configuration)
            try session.write(JSONText.text(value) + "\n")
            return .success
        }
        if found.stored == nil {
            try session.remark("nothing is stored: each peer goes by its own file\n")
        }
        try session.write(ConfigurationText.text(configuration))
        return .success
    }
}

/// `config validate`: whether a document could be stored.
struct ConfigValidateCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check a configuration without storing it.",
        usage: "manatee-adm config validate [OPTIONS] FILE",
        discussion: """
            With a shard named, names and values are also checked against its running postgres. Exit \
            code 0: it could be stored; 1: it could not.
            """
    )

    @Argument(help: ArgumentHelp("YAML or JSON; - is the standard input.", valueName: "FILE"))
    var file: String

    @OptionGroup var shard: ShardOptions
    @OptionGroup var probe: ProbeOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let isJSON = try output.isJSON()
        let limit = try probe.limit()
        let document = ConfigurationDocument(file: file)
        let configuration = try document.read(in: session)
        let catalogue: [String: ServerParameter]?
        if let target = try shard.optionalTarget(in: session) {
            let found = try await ShardConfiguration.load(target, in: session)
            catalogue = try await found.catalogue(target, within: limit, in: session)
        } else {
            catalogue = nil
        }
        let problems = catalogue.map(configuration.problems) ?? []
        guard problems.isEmpty else { throw problems.failure(of: document.name) }
        if isJSON {
            let facts: [String: JSONValue] = [
                "valid": .boolean(true), "askedPostgres": .boolean(catalogue != nil),
            ]
            try session.write(JSONText.text(.object(facts)) + "\n")
            return .success
        }
        let asked = catalogue == nil ? " (no postgres was asked)" : ""
        try session.write("\(document.name) can be stored\(asked)\n")
        return .success
    }
}

/// A document that an operator wrote.
struct ConfigurationDocument {
    /// Its path; `-` for the standard input.
    let file: String

    /// What messages call it.
    var name: String { file == "-" ? "the standard input" : file }

    /// What it says.
    ///
    /// - Throws: `AdmFailure`, with all that is wrong.
    func read(in session: AdmSession) throws(AdmFailure) -> ClusterConfiguration {
        let bytes = try session.readFile(file == "-" ? "/dev/stdin" : file)
        return try Self.parse(String(decoding: bytes, as: UTF8.self), name: name, in: session)
    }

    /// What `text` says, which messages call `name`.
    static func parse(
        _ text: String,
        name: String,
        in session: AdmSession
    ) throws(AdmFailure) -> ClusterConfiguration {
        let value: JSONValue
        do {
            value = try session.ports.configuration.document(text, name)
        } catch {
            throw AdmFailure.operation("\(error)")
        }
        do {
            return try ClusterConfigurationJSON.decode(value)
        } catch {
            throw error.problems.failure(of: name)
        }
    }
}
