import Synchronization

/// Keeps what a command remarks, for whoever tells how an operation ended.
final class RemarkBox: AdmOutput {
    /// How many remarks are kept; later ones are dropped.
    private static let limit = 8

    private let remarks = Mutex<[String]>([])

    func write(_ text: String, to channel: AdmChannel) throws(OutputFailure) {
        remarks.withLock { remarks in
            guard remarks.count < Self.limit else { return }
            let isLineEnd = text.hasSuffix("\n")
            remarks.append(String(isLineEnd ? text.dropLast() : text[...]) + ";")
        }
    }

    func isTerminal(_ channel: AdmChannel) -> Bool { false }

    func empty() { remarks.withLock { $0 = [] } }

    var taken: [String] { remarks.withLock { $0 } }
}
