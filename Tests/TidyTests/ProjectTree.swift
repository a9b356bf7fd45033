import Foundation

/// The files of this project, as they lie on the disk.
struct ProjectTree {
    let root: URL

    init() {
        root = URL(filePath: #filePath)
            .deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// All Swift files of `Sources`, `Benchmarks` and `Tests`, in order of their path; read once.
    func swiftFiles() throws -> [SourceFile] { try Self.swiftFiles.get() }

    private static let swiftFiles = Result { try ProjectTree().readSwiftFiles() }

    private func readSwiftFiles() throws -> [SourceFile] {
        try paths(below: ["Sources", "Benchmarks", "Tests"])
            .filter { $0.hasSuffix(".swift") }
            .map { SourceFile(path: $0, text: try text(of: $0)) }
    }

    /// All files that people write: code, scripts and documents.
    func writtenFiles() throws -> [(path: String, text: String)] {
        let endings = [".swift", ".md", ".txt", ".h", ".yaml", ".yml", ".json", ".modulemap"]
        let inFolders = try paths(below: ["Sources", "Benchmarks", "Tests", "docs"])
            .filter { path in endings.contains { path.hasSuffix($0) } }
        let scripts = try paths(below: ["scripts", ".ci"])
        let atRoot = try FileManager.default.contentsOfDirectory(atPath: root.path)
            .filter { $0.hasSuffix(".md") || $0 == "Package.swift" || $0 == "Makefile" }
        return try (inFolders + scripts + atRoot).sorted().map { ($0, try text(of: $0)) }
    }

    private func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private func paths(below folders: [String]) throws -> [String] {
        try folders.flatMap { folder in
            let start = root.appending(path: folder)
            guard FileManager.default.fileExists(atPath: start.path) else { return [String]() }
            return try FileManager.default.subpathsOfDirectory(atPath: start.path)
                .filter { path in
                    var isFolder: ObjCBool = false
                    let full = start.appending(path: path).path
                    return FileManager.default.fileExists(atPath: full, isDirectory: &isFolder)
                        && !isFolder.boolValue
                }
                .map { "\(folder)/\($0)" }
        }
        .sorted()
    }
}
