import Foundation
import Glibc
import ManateePorts

/// The editor that the operator's environment names, on the tool's own terminal.
struct OperatorEditor: TextEditor {
    let environment: [String: String]

    func edit(_ text: String) async throws -> (text: String, path: String) {
        guard isatty(STDIN_FILENO) == 1 else {
            throw UnusableEditor(
                description: "the standard input is no terminal, so no editor can be opened; give "
                    + "--set, --unset or --file"
            )
        }
        let name = "manatee-config-\(UUID().uuidString.prefix(8).lowercased()).yaml"
        let path = FileManager.default.temporaryDirectory.appending(path: name).path
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw UnusableEditor(
                description: "cannot create \(path): \(String(cString: strerror(errno)))"
            )
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
        let editor =
            ["VISUAL", "EDITOR"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? "vi"
        let status = await Self.run(editor, path)
        guard status == 0 else {
            throw UnusableEditor(
                description: "the editor `\(editor)` ended with status \(status), so nothing was "
                    + "changed; your text is kept in \(path)"
            )
        }
        return (try String(contentsOfFile: path, encoding: .utf8), path)
    }

    func discard(_ path: String) {
        // What is left behind harms nobody.
        unlink(path)
    }

    /// The status of the editor, which may have arguments of its own; 127 if there is none.
    private static func run(_ editor: String, _ path: String) async -> Int32 {
        await withCheckedContinuation { continuation in
            // It may take hours, which no thread that tasks share may be held for.
            Thread.detachNewThread {
                let words = ["/bin/sh", "-c", editor + " \"$1\"", "sh", path]
                var arguments = words.map { strdup($0) } + [nil]
                defer { for argument in arguments { free(argument) } }
                var child = pid_t()
                guard posix_spawn(&child, "/bin/sh", nil, nil, &arguments, environ) == 0 else {
                    return continuation.resume(returning: 127)
                }
                var status: Int32 = 0
                while waitpid(child, &status, 0) < 0, errno == EINTR {}
                continuation.resume(returning: status & 0x7f == 0 ? status >> 8 & 0xff : 128)
            }
        }
    }
}

/// Why a text could not be edited.
private struct UnusableEditor: Error, CustomStringConvertible {
    let description: String
}
