import ArgumentParser

/// The whole tool: from a command line to output and an exit code, without a process.
package enum AdmCommand {
    /// The width to which help is wrapped, whatever the terminal: help is part of the interface.
    private static let helpWidth = 80

    /// The names of all commands, without the parser's own `help`.
    package static var commandNames: [String] {
        ManateeAdm.configuration.subcommands.compactMap { $0.configuration.commandName }
    }

    /// Carries out what `arguments` (without the program's name) ask for.
    package static func run(
        _ arguments: [String],
        environment: [String: String],
        ports: AdmPorts,
        output: any AdmOutput
    ) async -> AdmExit {
        let session = AdmSession(environment: environment, ports: ports, output: output)
        let arguments = withoutAliases(arguments)
        do {
            return try await dispatch(arguments, session)
        } catch {
            do { return try report(error, of: arguments, session) } catch { return end(error) }
        }
    }

    private static func end(_ failure: OutputFailure) -> AdmExit {
        switch failure {
        // A reader that went away, `head` for example, has seen what it wanted.
        case .closed: .success
        case .failed: .failure
        }
    }

    private static func dispatch(
        _ arguments: [String],
        _ session: AdmSession
    ) async throws -> AdmExit {
        try refuseUnknownCommand(arguments)
        var command = try ManateeAdm.parseAsRoot(arguments)
        if let command = command as? any AdmSubcommand {
            return try await command.execute(in: session)
        }
        // What is left are the parser's own commands; they end by throwing what is to be shown.
        try command.run()
        return .success
    }

    private static func report(
        _ error: any Error,
        of arguments: [String],
        _ session: AdmSession
    ) throws(OutputFailure) -> AdmExit {
        switch error {
        case OutputFailure.failed(let why):
            try session.remark("manatee-adm: error: cannot print: \(why)\n")
            return .failure
        case OutputFailure.closed:
            return .success
        case AdmFailure.usage(let message):
            return try complain(message, of: arguments, session)
        case AdmFailure.operation(let message):
            try session.remark("manatee-adm: error: \(message)\n")
            return .failure
        case AdmFailure.storeUnreachable(let message):
            try session.remark("manatee-adm: error: \(message)\n")
            return .storeUnreachable
        case AdmFailure.timeRanOut(let message):
            try session.remark("manatee-adm: error: \(message)\n")
            return .timeRanOut
        case AdmFailure.undecided(let message):
            try session.remark("manatee-adm: error: \(message)\n")
            return .undecided
        case is CancellationError:
            return .failure
        default:
            if ManateeAdm.exitCode(for: error).isSuccess {
                try session.write(ended(ManateeAdm.fullMessage(for: error, columns: helpWidth)))
                return .success
            }
            return try complain(ManateeAdm.message(for: error), of: arguments, session)
        }
    }

    private static func complain(
        _ message: String,
        of arguments: [String],
        _ session: AdmSession
    ) throws(OutputFailure) -> AdmExit {
        let command = ManateeAdm.subcommand(named: arguments.first ?? "") ?? ManateeAdm.self
        let help = ManateeAdm.helpMessage(for: command, columns: helpWidth)
        try session.remark("manatee-adm: \(message)\n" + ended(help))
        return .usage
    }

    /// The text with exactly one newline at its end.
    private static func ended(_ text: String) -> String {
        var text = Substring(text)
        while text.last?.isNewline == true { text.removeLast() }
        return text + "\n"
    }

    /// Speaks of a command where the parser would speak of an unexpected argument.
    private static func refuseUnknownCommand(_ arguments: [String]) throws(AdmFailure) {
        let words = arguments.prefix { !$0.hasPrefix("-") }
        guard let name = words.first == "help" ? words.dropFirst().first : words.first,
            name != "help", ManateeAdm.subcommand(named: name) == nil
        else { return }
        throw AdmFailure.usage("unknown command: \"\(name)\"")
    }

    /// The arguments with a command's other names replaced, which are not listed in the help.
    private static func withoutAliases(_ arguments: [String]) -> [String] {
        let aliases = [
            "?": "help", "state": "zk-state", "active": "zk-active", "--version": "version",
        ]
        guard let first = arguments.first, let name = aliases[first] else { return arguments }
        return [name] + arguments.dropFirst()
    }
}

/// The root of the command line: further commands join their group here.
struct ManateeAdm: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manatee-adm",
        abstract: "Inspect and administer a cluster of Manatee peers.",
        usage: "manatee-adm COMMAND [OPTIONS] [ARGS]",
        groupedSubcommands: [
            CommandGroup(
                name: "Status",
                subcommands: [
                    ShowCommand.self, PeersCommand.self, StatusCommand.self, HistoryCommand.self,
                    VerifyCommand.self, ExplainCommand.self, EventsCommand.self, TopCommand.self,
                    DSNCommand.self,
                ]
            ),
            CommandGroup(
                name: "Cluster Maintenance",
                subcommands: [
                    FreezeCommand.self, UnfreezeCommand.self, ReapCommand.self,
                    RebuildCommand.self, PromoteCommand.self, ClearPromoteCommand.self,
                    SwitchoverCommand.self,
                ]
            ),
            CommandGroup(name: "Configuration", subcommands: [ConfigCommand.self]),
            CommandGroup(name: "Storage", subcommands: [SnapshotCommand.self]),
            CommandGroup(name: "Hosts", subcommands: [DoctorCommand.self]),
            CommandGroup(name: "Upgrade", subcommands: [BackfillCommand.self]),
            CommandGroup(name: "Meta", subcommands: [VersionCommand.self]),
            CommandGroup(
                name: "Developer",
                subcommands: [SingletonCommand.self, StateCommand.self, ActiveCommand.self]
            ),
            CommandGroup(
                name: "Deprecated and Internal",
                subcommands: [LockCommand.self, DeprecatedStatusCommand.self]
            ),
        ]
    )

    static func subcommand(named name: String) -> (any ParsableCommand.Type)? {
        configuration.subcommands
            .first { $0.configuration.commandName == name }
    }
}
