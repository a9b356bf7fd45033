package import ArgumentParser
import Foundation
import ManateeConfiguration

/// What the command lines of Manatee's programs have in common.
package enum Program {
    /// Parses the arguments, runs the command, and leaves with a status of `ExitStatus`.
    ///
    /// What went wrong is on standard error, after the program's name.
    ///
    /// - Parameter type: The program's command; it has a name in its configuration.
    package static func main<Command: AsyncParsableCommand>(_ type: Command.Type) async {
        // Neither a log's reader nor a client that goes away must take the program with it.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try Command.parse()
            try await command.run()
        } catch let failure as ProgramFailure {
            complain(
                "\(Command.configuration.commandName ?? Command._commandName): \(failure.message)"
            )
            exit(failure.status.rawValue)
        } catch {
            let code = Command.exitCode(for: error)
            let message = Command.fullMessage(for: error)
            if code.isSuccess {
                print(message)
            } else {
                complain(message)
                let status = code == .validationFailure ? ExitStatus.usage : .failure
                exit(status.rawValue)
            }
        }
    }

    /// Writes a line to standard error.
    package static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
