import Foundation
import ManateeLocal

/// The programs of this project, which lie beside this one.
enum Programs {
    /// The directory of this program.
    static var directory: String {
        get throws {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(filePath: own).deletingLastPathComponent().path
        }
    }

    /// The path of `name`.
    static func path(_ name: String) throws -> String {
        let path = try directory + "/" + name
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw DevShardFailure.programMissing(path: path)
        }
        return path
    }
}

/// Prints a line at once, also into a pipe.
@Sendable func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
