import Foundation

/// The programs that send and receive for a world, found by its names in their arguments.
enum TransferProcess {
    enum Side {
        case sender
        case receiver

        /// What marks the command line of the backends' tools.
        fileprivate var words: [String] {
            switch self {
            case .sender: ["send", "--create"]
            case .receiver: ["receive", "--extract"]
            }
        }
    }

    /// Kills one side of a world's transfers.
    ///
    /// - Returns: how many processes got the signal.
    static func kill(_ side: Side, of world: StorageWorld) -> Int {
        found(of: world, side.words).filter { Foundation.kill($0, SIGKILL) == 0 }.count
    }

    /// Either side's processes that run.
    static func running(of world: StorageWorld) -> [Int32] {
        found(of: world, Side.sender.words + Side.receiver.words)
    }

    private static func found(of world: StorageWorld, _ words: [String]) -> [Int32] {
        let marks = [world.directory, world.dataset("")]
        // Processes come and go while they are looked at.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { name -> Int32? in
            guard let process = Int32(name),
                let line = try? String(contentsOfFile: "/proc/\(name)/cmdline", encoding: .utf8)
            else { return nil }
            let arguments = line.split(separator: "\0").map(String.init)
            let isOurs = arguments.contains { argument in marks.contains { argument.contains($0) } }
            return isOurs && arguments.contains(where: words.contains) ? process : nil
        }
    }
}
