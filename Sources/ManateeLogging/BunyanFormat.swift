import Logging

/// Lines that the `bunyan` reader understands: one JSON object each.
///
/// `v`, `level`, `name`, `hostname`, `pid`, `time` and `msg` are bunyan's own. `component` is the part of
/// the program that logs, where it has a name of its own. An error is in `err.message`, as bunyan's
/// readers expect. Metadata follows under its own dotted names, flat; a name that bunyan owns gets
/// `field.` before it.
struct BunyanFormat: Sendable {
    private static let ownNames: Set<String> = [
        "v", "level", "name", "hostname", "pid", "time", "msg", "component", "err", "src",
    ]

    /// The program.
    var name: String
    var hostname: String
    var pid: Int32

    /// The line for `record`, without a newline.
    func line(_ record: LogRecord) -> String {
        var line = "{\"v\":0,\"level\":\(BunyanFormat.number(of: record.level)),\"name\":"
        append(name, to: &line)
        line += ",\"hostname\":"
        append(hostname, to: &line)
        line += ",\"pid\":\(pid),\"time\":\"\(record.time.iso8601)\",\"msg\":"
        append(record.message, to: &line)
        if record.label != name {
            line += ",\"component\":"
            append(record.label, to: &line)
        }
        if let error = record.error {
            line += ",\"err\":{\"message\":"
            append(error, to: &line)
            line += "}"
        }
        for field in record.fields {
            line += ","
            let isOwned = BunyanFormat.ownNames.contains(field.name)
            append(isOwned ? "field.\(field.name)" : field.name, to: &line)
            line += ":"
            append(field.value, to: &line)
        }
        return line + "}"
    }

    /// Bunyan's numbers, 10 to 60; swift-log's `notice` is `info` there.
    static func number(of level: Logger.Level) -> Int {
        switch level {
        case .trace: 10
        case .debug: 20
        case .info, .notice: 30
        case .warning: 40
        case .error: 50
        case .critical: 60
        }
    }

    private func append(_ value: LogField.Value, to line: inout String) {
        switch value {
        case .text(let text): append(text, to: &line)
        case .word(let word): line += word
        case .list(let elements):
            line += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { line += "," }
                append(element, to: &line)
            }
            line += "]"
        }
    }

    private func append(_ text: String, to line: inout String) {
        line += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            // What JSON forbids, and what moves a terminal's cursor.
            case "\0"..<" ", "\u{7f}"..<"\u{a0}":
                let digits = String(scalar.value, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: line.unicodeScalars.append(scalar)
            }
        }
        line += "\""
    }
}
