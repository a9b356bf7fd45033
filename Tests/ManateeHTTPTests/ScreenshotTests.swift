import Foundation
import Logging
import Testing

@testable import ManateeHTTP

/// The dashboard in a real browser.
///
/// `MANATEE_SCREENSHOTS` names a folder in which the pictures are kept: `make screenshots`.
@Suite(
    "The dashboard in Chromium",
    .serialized,
    .enabled(if: Chromium.path != nil, "chromium is not installed (Debian: chromium)"),
    .timeLimit(.minutes(3))
)
struct ScreenshotTests {
    /// Runs `body` with the address of a server in this state.
    private func serving(
        _ state: DashboardState,
        _ body: @Sendable (String) async throws -> Void
    ) async throws {
        let asking = state.asking
        let (ports, sink) = AsyncStream<Int>.makeStream()
        let server = StatusServer(
            address: "127.0.0.1",
            port: 0,
            status: asking.status,
            context: asking.surroundings.context,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onListening: { sink.yield($0) }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let port = try #require(await ports.first { _ in true })
            try await body("http://127.0.0.1:\(port)/")
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test(arguments: DashboardState.allCases)
    func `is drawn in each state, wide and narrow, light and dark`(
        state: DashboardState
    ) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "manatee-screenshots-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await serving(state) { address in
            for view in Chromium.View.allCases {
                let file = folder.appending(path: "dashboard-\(state.rawValue)\(view.suffix).png")
                try await Chromium.draw(address, view, to: file)
                let picture = try Data(contentsOf: file)
                #expect(picture.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
                #expect(picture.count > 20_000, "\(view) of \(state) is almost empty")
            }
        }
        guard let kept = ProcessInfo.processInfo.environment["MANATEE_SCREENSHOTS"] else { return }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            // Of the others one state is enough to be looked at.
            let isOther = name.hasSuffix("-dark.png") || name.hasSuffix("-phone.png")
            guard !isOther || state == .healthy else { continue }
            let target = URL(filePath: kept).appending(path: name)
            try? FileManager.default.removeItem(at: target)
            try FileManager.default.copyItem(at: folder.appending(path: name), to: target)
        }
    }

    @Test func `runs its own script, and no rule of its policy is broken`() async throws {
        try await serving(.healthy) { address in
            let (page, complaints) = try await Chromium.load(address)
            #expect(page.contains("data-live=\"yes\""))
            #expect(page.contains("All is well"))
            #expect(!complaints.contains("Content Security Policy"), "\(complaints)")
            #expect(!complaints.contains("Uncaught"), "\(complaints)")
        }
    }
}

/// A browser without a window.
private enum Chromium {
    static let path = ["/usr/bin/chromium", "/usr/bin/google-chrome"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    enum View: CaseIterable {
        case wide, wideDark, narrow

        var size: String {
            switch self {
            case .wide, .wideDark: "1200,1660"
            case .narrow: "500,2300"
            }
        }

        var suffix: String {
            switch self {
            case .wide: ""
            case .wideDark: "-dark"
            case .narrow: "-phone"
            }
        }

        var flags: [String] {
            switch self {
            case .wide, .narrow: ["--blink-settings=preferredColorScheme=1"]
            case .wideDark: ["--blink-settings=preferredColorScheme=0"]
            }
        }
    }

    static func draw(_ address: String, _ view: View, to file: URL) async throws {
        let run = try await run(
            view.flags + [
                "--window-size=\(view.size)", "--hide-scrollbars", "--screenshot=\(file.path)",
                address,
            ]
        )
        try #require(run.status == 0, "\(run.errors)")
    }

    /// The page after its script ran, and what the browser's console said.
    static func load(_ address: String) async throws -> (page: String, complaints: String) {
        let run = try await run(["--dump-dom", "--enable-logging=stderr", "--v=0", address])
        try #require(run.status == 0, "\(run.errors)")
        return (run.output, run.errors)
    }

    private static func run(
        _ arguments: [String]
    ) async throws -> (status: Int32, output: String, errors: String) {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "manatee-chromium-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (output, errors) = (folder.appending(path: "out"), folder.appending(path: "err"))
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(filePath: try #require(path))
        process.arguments =
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--user-data-dir=\(folder.appending(path: "profile").path)",
            ] + arguments
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let (ends, end) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { end.yield($0.terminationStatus) }
        try process.run()
        let status = await withTaskCancellationHandler {
            await ends.first { _ in true } ?? -1
        } onCancel: {
            process.terminate()
        }
        return (
            status, try String(contentsOf: output, encoding: .utf8),
            String(decoding: try Data(contentsOf: errors), as: UTF8.self)
        )
    }
}
