import HTTPTypes

extension HTTPField.Name {
    /// The last event that a reader of a stream has seen.
    static let lastEventID = fixed("Last-Event-ID")
    /// How an answer may not be read as something else.
    static let xContentTypeOptions = fixed("X-Content-Type-Options")

    private static func fixed(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else {
            preconditionFailure("\(name) is no header's name")
        }
        return name
    }
}
