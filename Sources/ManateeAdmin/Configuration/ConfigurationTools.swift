package import ManateeCore
package import ManateePorts

/// What the `config` commands need of the world besides the store.
package struct ConfigurationTools: Sendable {
    /// Makes the probe of parameters, with the password that the sitter configuration at the given
    /// path names; nil leaves finding it to libpq.
    package var parameters: @Sendable (_ configurationPath: String?) throws -> any ParameterProbe
    /// Makes the probe of sitters, whose ports lie where the sitter configuration at the given path has
    /// its own; nil takes the default.
    package var sitters: @Sendable (_ configurationPath: String?) throws -> any ConfigurationProbe
    /// Reads a document in YAML or JSON; words without quotes come as texts.
    package var document: @Sendable (_ text: String, _ file: String) throws -> JSONValue
    /// The operator's editor.
    package var editor: any TextEditor

    /// These tools.
    package init(
        parameters: @escaping @Sendable (_ configurationPath: String?) throws -> any ParameterProbe,
        sitters:
            @escaping @Sendable (_ configurationPath: String?) throws -> any ConfigurationProbe,
        document: @escaping @Sendable (_ text: String, _ file: String) throws -> JSONValue,
        editor: any TextEditor
    ) {
        self.parameters = parameters
        self.sitters = sitters
        self.document = document
        self.editor = editor
    }
}
