import Synchronization

/// Keeps what a command remarks, for whoever tells how an operation ended.
final class RemarkBox: AdmOutput {
    /// How many remarks are kept; later ones are dropped.
    private static let limit = 8

    private let remarks = Mutex<[String]>([])
    private let newest = Mutex<String?>(nil)

    func write(_ text: String, to channel: AdmChannel) throws(OutputFailure) {
        newest.withLock { newest in
            newest = text.split(separator: "\n").last.map { String($0.trimmingPrefix(" ")) }
        }
        remarks.withLock { remarks in
            guard remarks.count < Self.limit else { return }
            let isLineEnd = text.hasSuffix("\n")
            remarks.append(String(isLineEnd ? text.dropLast() : text[...]) + ";")
        }
    }

    func isTerminal(_ channel: AdmChannel) -> Bool { false }

    /// The last line that was remarked, kept or not; nil before the first.
    var last: String? { newest.withLock { $0 } }

    var taken: [String] { remarks.withLock { $0 } }
}
