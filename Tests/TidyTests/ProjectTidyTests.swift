import Testing

@Suite("The project")
struct ProjectTidyTests {
    let tree = ProjectTree()

    private func report(_ findings: [Finding]) {
        for finding in findings { Issue.record("\(finding)") }
    }

    @Test func `is found on the disk`() throws {
        let paths = try tree.swiftFiles().map(\.path)
        #expect(paths.contains("Sources/ManateeCore/Model/LSN.swift"))
        #expect(paths.contains("Tests/TidyTests/ProjectTidyTests.swift"))
    }

    @Test func `imports only what its layers allow`() throws {
        report(try tree.swiftFiles().flatMap(ImportRules.findings))
    }

    @Test(arguments: Ban.all.indices)
    func `keeps banned words out`(index: Int) throws {
        report(try tree.swiftFiles().flatMap { try Ban.all[index].findings(in: $0) })
    }

    @Test func `keeps its files short`() throws {
        let files = try tree.swiftFiles()
        for file in files where file.lines.count > FileRules.longFile {
            print("long file: \(file.path) has \(file.lines.count) lines")
        }
        report(files.flatMap(FileRules.length))
    }

    @Test func `explains what other targets may use`() throws {
        report(try tree.swiftFiles().flatMap(FileRules.undocumented))
    }

    @Test func `carries no marks of unfinished work`() throws {
        report(try tree.swiftFiles().flatMap(FileRules.leftovers))
    }

    @Test func `names no place of one machine`() throws {
        report(try tree.writtenFiles().flatMap(FileRules.workplaceWords))
    }
}
