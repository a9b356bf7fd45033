/// One run of a program: where it is, what it is told, how long it may take.
struct ToolCommand: Equatable, Sendable {
    /// The program, absolute: nothing is looked up in a path and nothing goes through a shell.
    var path: String
    /// What it is told; visible to every user, so never a secret.
    var arguments: [String]
    /// How long it may take before it is killed.
    var limit: Duration = .seconds(30)

    /// The environment of every program: messages are parsed, so they must be in one language.
    static let environment = [
        "LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    ]

    /// The command as an operator would type it.
    var words: String { ([path] + arguments).joined(separator: " ") }
}
