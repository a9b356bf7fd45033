package import Logging

/// Writes a program's log: lines for people on a terminal, bunyan's JSON lines otherwise.
package struct ManateeLogHandler: LogHandler {
    /// The lowest level that is written.
    package var logLevel: Logger.Level
    /// What is added to every line.
    package var metadata: Logger.Metadata = [:]
    /// What is added to every line and asked for each time.
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let output: LogOutput

    /// A handler for the part of the program called `label`.
    package init(label: String, level: Logger.Level, output: LogOutput) {
        self.label = label
        logLevel = level
        self.output = output
    }

    /// One piece of what is added to every line.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    package func log(event: LogEvent) {
        var merged = metadata
        if let provided = metadataProvider?.get() {
            merged.merge(provided) { _, provided in provided }
        }
        if let own = event.metadata { merged.merge(own) { _, own in own } }
        output.write(
            LogRecord(
                time: LogTime.now,
                level: event.level,
                label: label,
                message: event.message.description,
                fields: LogField.flatten(merged),
                error: event.error.map { "\($0)" }
            )
        )
    }
}
