import ArgumentParser

/// The options that choose between text for people and JSON for programs.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp("Print \"text\" (default) or \"json\".", valueName: "FORMAT")
    )
    var output: String?

    @Flag(name: .shortAndLong, help: "The same as --output json.")
    var json = false

    /// Whether JSON is wanted.
    func isJSON() throws(AdmFailure) -> Bool {
        let isChosen = try OutputFormat.isJSON(output)
        return json || isChosen
    }
}

/// The forms of output.
enum OutputFormat: String {
    case text
    case json

    /// Whether the option's value asks for JSON.
    ///
    /// - Throws: `AdmFailure` if there is no such form.
    static func isJSON(_ value: String?) throws(AdmFailure) -> Bool {
        guard let value, !value.isEmpty else { return false }
        guard let format = OutputFormat(rawValue: value) else {
            throw .usage("unsupported value for --output: \"\(value)\"")
        }
        switch format {
        case .text: return false
        case .json: return true
        }
    }
}
