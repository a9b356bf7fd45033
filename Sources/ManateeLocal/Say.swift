import Foundation

/// Prints a line at once, also into a pipe.
@Sendable package func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
