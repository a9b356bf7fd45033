import Foundation
import Testing

@testable import ManateeBackup

@Suite("The backup token")
struct TokenTests {
    private func inDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "manatee-token-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        defer {
            // What cannot be removed is in the temporary directory.
            try? FileManager.default.removeItem(atPath: directory)
        }
        try body(directory + "/token")
    }

    @Test func `is read back as it was saved, for its owner only`() throws {
        try inDirectory { file in
            let token = BackupToken()
            try token.save(to: file)
            let facts = try FileManager.default.attributesOfItem(atPath: file)
            #expect(facts[.posixPermissions] as? Int == 0o600)
            #expect(try BackupToken(file: file).admits(token.authorization))
            #expect(throws: BackupTokenFailure.self) { try BackupToken().save(to: file) }
            #expect(try BackupToken(file: file).admits(token.authorization))
        }
    }

    @Test func `is not taken from a file that others can read`() throws {
        try inDirectory { file in
            try BackupToken().save(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
            let error = #expect(throws: BackupTokenFailure.self) { try BackupToken(file: file) }
            #expect(error?.description.contains("mode 0640") == true)
        }
    }

    @Test(arguments: ["", "short", "with blanks in it but certainly long enough", "\n\n"])
    func `is not taken if it is none`(text: String) throws {
        try inDirectory { file in
            try text.write(toFile: file, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            let error = #expect(throws: BackupTokenFailure.self) { try BackupToken(file: file) }
            #expect(error?.description.contains("short") != true)
        }
    }

    @Test func `admits itself and nothing else, and shows itself nowhere`() {
        let token = BackupToken()
        #expect(token.admits(token.authorization))
        #expect(!token.admits(nil))
        #expect(!token.admits(""))
        #expect(!token.admits(BackupToken().authorization))
        #expect(!token.admits(token.authorization.lowercased()))
        #expect(!token.authorization.contains("\(token)"))
        #expect("\(token)" == "a token (not shown)")
    }
}
