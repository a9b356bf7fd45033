import Glibc
import ManateeGuard

/// The program that a sitter starts beside its postgres; nobody else has a use for it.
@main
struct GuardProgram {
    static func main() {
        guard let order = GuardOrder(arguments: Array(CommandLine.arguments.dropFirst())) else {
            print(
                """
                usage: manatee-guard DATA_DIRECTORY LIMIT_IN_MILLISECONDS SITTER
                It is started by manatee-sitter, and stops a postgres whose sitter is gone.
                """
            )
            exit(64)
        }
        Guard(order, input: STDIN_FILENO, file: STDOUT_FILENO).run()
    }
}
