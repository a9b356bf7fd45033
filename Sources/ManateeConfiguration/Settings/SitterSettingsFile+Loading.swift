import FoundationEssentials

extension SitterSettingsFile {
    /// The most that is read of a file, in bytes: far more than any configuration has.
    private static let sizeLimit = 1 << 20

    /// Reads the file at `path`.
    ///
    /// - Throws: everything that is wrong with it, at once.
    package static func load(
        _ path: String,
        environment: [String: String],
        host: LocalHost = LocalHost()
    ) throws(InvalidConfiguration) -> SitterSettingsFile {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            let facts = host.file(at: path)
            let found =
                switch facts {
                case nil: "no such file"
                case let facts? where facts.isDirectory: "a directory"
                case .some: "a file that \(host.userName) cannot read"
                }
            throw InvalidConfiguration([
                ConfigurationProblem(
                    file: path,
                    found: found,
                    expected: "the sitter's configuration",
                    remedy: "name it with -f; etc/manatee-sitter.yaml is one to begin with"
                )
            ])
        }
        guard data.count <= sizeLimit, let text = String(data: data, encoding: .utf8) else {
            throw InvalidConfiguration([
                ConfigurationProblem(
                    file: path,
                    found: data.count > sizeLimit
                        ? "\(data.count) bytes" : "bytes that are no UTF-8 text",
                    expected: "a text of at most \(sizeLimit) bytes",
                    remedy: "check that -f names the configuration"
                )
            ])
        }
        return try SitterSettingsFile(
            text: text,
            file: path,
            host: host.name,
            environment: environment
        )
    }
}
