import ManateePorts
import UnixSignals

/// An inspection that SIGINT and SIGTERM end in order, so that it leaves no server behind.
struct InterruptibleInspector: CopyInspector {
    private let inspector: any CopyInspector

    init(_ inspector: any CopyInspector) {
        self.inspector = inspector
    }

    func inspect(_ path: String) async throws -> CopyVerdict {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: CopyVerdict?.self) { group in
            group.addTask { try await inspector.inspect(path) }
            group.addTask {
                for await _ in signals { return nil }
                return nil
            }
            // Whichever ends first ends the other; the group waits until the server is gone.
            defer { group.cancelAll() }
            guard let first = try await group.next(), let verdict = first else {
                throw CancellationError()
            }
            return verdict
        }
    }
}
