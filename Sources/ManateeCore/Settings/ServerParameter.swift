/// One of PostgreSQL's parameters, as a running server describes it in `pg_settings`.
package struct ServerParameter: Hashable, Sendable {
    /// The sorts of values.
    package enum Kind: String, Hashable, Sendable {
        case bool
        case integer
        case real
        case string
        case `enum`
    }

    /// The name.
    package var name: String
    /// The value in force, in `unit`.
    package var setting: String
    /// What numbers are counted in, for example `8kB` or `ms`; nil if in ones.
    package var unit: String?
    /// The sort of value.
    package var kind: Kind
    /// When it can be set: `postmaster` only by a restart, `internal` never.
    package var context: String
    /// The smallest number, in `unit`.
    package var minimum: Double?
    /// The largest number, in `unit`.
    package var maximum: Double?
    /// The words that are values, if only some are.
    package var choices: [String]
    /// Whether another value is in the files, and waits for a restart.
    package var isPendingRestart: Bool

    /// A parameter of these facts.
    package init(
        name: String,
        setting: String,
        unit: String? = nil,
        kind: Kind,
        context: String = "user",
        minimum: Double? = nil,
        maximum: Double? = nil,
        choices: [String] = [],
        isPendingRestart: Bool = false
    ) {
        self.name = name
        self.setting = setting
        self.unit = unit
        self.kind = kind
        self.context = context
        self.minimum = minimum
        self.maximum = maximum
        self.choices = choices
        self.isPendingRestart = isPendingRestart
    }

    /// Why it cannot be set to `text`; nil if it can.
    package func problem(with text: String) -> String? {
        if context == "internal" { return "postgres parameter `\(name)` cannot be changed at all" }
        switch kind {
        case .string:
            return nil
        case .bool:
            return Self.truth(text) == nil ? misfit(text, "on or off") : nil
        case .enum:
            return choices.contains { $0.lowercased() == text.lowercased() }
                || Self.truth(text) != nil
                ? nil : misfit(text, "one of \(choices.joined(separator: ", "))")
        case .integer, .real:
            let unit = unit.map { ", in \($0) if no unit is given" } ?? ""
            let range = "\(Self.text(minimum)) to \(Self.text(maximum))\(unit)"
            guard let number = number(text) else { return misfit(text, "a number, \(range)") }
            if let minimum, number < minimum { return misfit(text, range) }
            if let maximum, number > maximum { return misfit(text, range) }
            return nil
        }
    }

    private func misfit(_ text: String, _ expected: String) -> String {
        "postgres parameter `\(name)` cannot be set to `\(text)`; expected \(expected)"
    }

    /// Whether `text` means the value in force.
    package func isSet(to text: String) -> Bool {
        switch kind {
        case .string: return setting == text
        case .bool, .enum:
            if setting.lowercased() == text.lowercased() { return true }
            guard let wanted = Self.truth(text) else { return false }
            return Self.truth(setting) == wanted
        case .integer:
            guard let wanted = number(text), let current = Double(setting) else { return false }
            return wanted.rounded() == current
        case .real:
            guard let wanted = number(text), let current = Double(setting) else { return false }
            return abs(wanted - current) <= abs(current) * 1e-6
        }
    }

    /// The value in force with its unit, as a configuration file has it.
    package var text: String {
        guard let unit, let number = Double(setting), number > 0 else { return setting }
        // `8kB` counts pages: the number is told in kB.
        let digits = unit.prefix { $0.isNumber }
        guard let size = Double(digits) else { return setting + unit }
        return Self.text(number * size) + unit.dropFirst(digits.count)
    }

    private static func truth(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "on", "true", "yes", "1", "t", "y": true
        case "off", "false", "no", "0", "f", "n": false
        default: nil
        }
    }

    private static func text(_ number: Double?) -> String {
        guard let number else { return "any" }
        return number.rounded() == number && abs(number) < 1e15
            ? "\(Int64(number))" : "\(number)"
    }

    /// What `text` is in this parameter's unit; nil if it is no number, or of another unit.
    private func number(_ text: String) -> Double? {
        let trimmed = text.split(separator: " ").joined()
        let digits = trimmed.prefix { $0.isNumber || "+-.".contains($0) }
        guard let number = Double(digits) else { return nil }
        let suffix = String(trimmed.dropFirst(digits.count))
        if suffix.isEmpty { return number }
        guard let unit, let given = Self.factor(suffix), let own = Self.factor(unit),
            given.dimension == own.dimension
        else { return nil }
        return number * given.factor / own.factor
    }

    /// A unit, such as `MB` or `8kB`, in bytes or microseconds.
    private static func factor(_ unit: String) -> (dimension: String, factor: Double)? {
        let digits = unit.prefix { $0.isNumber }
        let times = digits.isEmpty ? 1 : Double(digits) ?? 1
        switch unit.dropFirst(digits.count) {
        case "B": return ("bytes", times)
        case "kB": return ("bytes", times * 1024)
        case "MB": return ("bytes", times * 1_048_576)
        case "GB": return ("bytes", times * 1_073_741_824)
        case "TB": return ("bytes", times * 1_099_511_627_776)
        case "us": return ("time", times)
        case "ms": return ("time", times * 1e3)
        case "s": return ("time", times * 1e6)
        case "min": return ("time", times * 6e7)
        case "h": return ("time", times * 3.6e9)
        case "d": return ("time", times * 8.64e10)
        default: return nil
        }
    }
}
