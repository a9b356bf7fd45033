import Foundation

/// A file that says which process was started for a purpose.
package struct PidFile: Sendable {
    /// Where it is.
    package var path: String

    /// The file at `path`.
    package init(path: String) {
        self.path = path
    }

    /// The process, if it still runs: another of the same number does not count.
    package var running: ProcessRecord? {
        // A missing or broken file means that nothing is known to run.
        guard let data = try? Data(contentsOf: URL(filePath: path)),
            let record = try? JSONDecoder().decode(ProcessRecord.self, from: data)  // as above
        else { return nil }
        return record.isRunning ? record : nil
    }

    /// Remembers `process`.
    package func write(_ process: ProcessRecord) throws {
        try JSONEncoder().encode(process).write(to: URL(filePath: path), options: .atomic)
    }

    /// Forgets it.
    package func remove() {
        // It may be gone already.
        try? FileManager.default.removeItem(atPath: path)
    }
}
