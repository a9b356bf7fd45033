/// Tells what changes in a local shard, one line each time.
package struct ShardWatch: Sendable {
    /// The shard.
    package var shard: DevShard
    /// Gets each line.
    package var say: @Sendable (String) -> Void

    /// A watch of `shard`.
    package init(shard: DevShard, say: @escaping @Sendable (String) -> Void) {
        self.shard = shard
        self.say = say
    }

    private static let interval = Duration.seconds(1)

    /// Looks and tells until it is cancelled.
    package func run() async {
        var last = ""
        while !Task.isCancelled {
            var lines: [String] = []
            for peer in 1...shard.peerCount {
                guard let exit = await shard.exit(of: peer) else { continue }
                lines.append("the sitter of peer \(peer) ended by itself with \(exit)")
            }
            do {
                lines.append(try await shard.status().line(expecting: shard.peerCount))
            } catch {
                lines.append("the store does not answer: \(error)")
            }
            let text = lines.joined(separator: "\n")
            if text != last, !Task.isCancelled { say(text) }
            last = text
            // Ends early only when the watch is cancelled.
            try? await Task.sleep(for: Self.interval)
        }
    }
}
