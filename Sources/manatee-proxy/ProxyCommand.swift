import ArgumentParser
import ManateeConfiguration
import ManateeDaemon

/// The proxy for applications that know one address only.
@main
struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manatee-proxy",
        abstract: "Leads connections to a shard's primary, and readers to its standbys.",
        discussion: """
            The configuration is YAML; etc/manatee-proxy.yaml documents it. The log goes to standard \
            output: for people on a terminal, as JSON lines for `bunyan` otherwise. SIGTERM or SIGINT ends \
            the proxy: it takes no more clients and waits for those it has.

            Exit status:
            \(ExitStatus.table)
            """
    )

    @OptionGroup
    var options: DaemonOptions

    @Flag(help: "Check the configuration, and whether ZooKeeper knows the shard; do nothing else.")
    var check = false

    /// Runs the command, and leaves with a status of `ExitStatus`.
    static func main() async { await Program.main(Self.self) }

    mutating func run() async throws {
        let settings = try options.read { try ProxySettings.load($0, environment: $1) }
        if check { return try await ProxyCheck(settings).run() }
        let logger = try options.startLog("manatee-proxy", configured: settings.logLevel)
        try await ProxyProgram(settings, logger: logger).run()
    }
}
