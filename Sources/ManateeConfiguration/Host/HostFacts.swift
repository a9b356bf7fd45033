/// What a configuration's truth depends on besides its text.
package protocol HostFacts: Sendable {
    /// The name of the user that this process runs as.
    var userName: String { get }
    /// Whether that is root.
    var isRoot: Bool { get }
    /// Whether there is a user called `name`.
    func hasUser(_ name: String) -> Bool
    /// What is at `path`; nil if nothing is there, or nothing that can be seen.
    func file(at path: String) -> FileFacts?
    /// The names in the directory `path`; none if it cannot be read.
    func names(in path: String) -> [String]
    /// The first line of the file `path`; nil if it cannot be read.
    func firstLine(of path: String) -> String?
    /// Whether a process with this number runs.
    func isRunning(_ process: Int32) -> Bool
    /// Why nobody can listen on `port` of `address`; nil if one can.
    func whyTaken(port: Int, on address: String) -> String?
}

/// What is at a path.
package struct FileFacts: Equatable, Sendable {
    /// Whether it is a directory.
    package var isDirectory: Bool
    /// The permission bits, for example 0o600.
    package var mode: UInt32
    /// Whether this process may read it.
    package var isReadable: Bool
    /// Whether this process may run it.
    package var isExecutable: Bool

    /// A file or directory of these facts.
    package init(isDirectory: Bool, mode: UInt32, isReadable: Bool, isExecutable: Bool) {
        self.isDirectory = isDirectory
        self.mode = mode
        self.isReadable = isReadable
        self.isExecutable = isExecutable
    }
}
