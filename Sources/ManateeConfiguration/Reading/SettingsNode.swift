/// A part of a configuration file as it was read, with its place; what it means comes later.
struct SettingsNode: Equatable, Sendable {
    /// What stands there.
    indirect enum Content: Equatable, Sendable {
        /// One word or text. Only an unquoted one can be a number, a truth value or null.
        case scalar(String, quoted: Bool)
        /// A list.
        case list([SettingsNode])
        /// Named values in the order of the file; a name may come more than once.
        case section([Entry])
    }

    /// A name and its value.
    struct Entry: Equatable, Sendable {
        var key: String
        var line: Int
        var value: SettingsNode
    }

    var content: Content
    /// Where it begins, counted from 1.
    var line: Int

    /// Whether it says nothing, which counts as not being there.
    var isNull: Bool {
        switch content {
        case .scalar(let text, quoted: false): ["", "~", "null", "Null", "NULL"].contains(text)
        case .scalar(_, quoted: true), .list, .section: false
        }
    }

    /// Whether keys could stand in it.
    var canHoldKeys: Bool {
        if case .section = content { true } else { isNull }
    }

    /// What an operator recognises it by in a message.
    var summary: String {
        switch content {
        case .scalar(let text, quoted: true): "the text \"\(text)\""
        case .scalar(let text, quoted: false): "`\(text)`"
        case .list(let elements): "a list of \(elements.count)"
        case .section(let entries): "a section with \(entries.map(\.key).joined(separator: ", "))"
        }
    }

    /// The entry at the end of `path`; of equal names the last one, as JSON readers have it.
    func entry(_ path: some Collection<Substring>) -> Entry? {
        guard let name = path.first, case .section(let entries) = content,
            let entry = entries.last(where: { $0.key == name })
        else { return nil }
        return path.count == 1 ? entry : entry.value.entry(path.dropFirst())
    }
}
