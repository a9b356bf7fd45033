import Foundation

/// The programs of this project, which lie beside this one.
package enum Programs {
    /// The directory of this program.
    package static var directory: String {
        get throws {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(filePath: own).deletingLastPathComponent().path
        }
    }

    /// The path of `name`.
    package static func path(_ name: String) throws -> String {
        let path = try directory + "/" + name
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw DevShardFailure.programMissing(path: path)
        }
        return path
    }
}
