package import ManateeCore

/// What a peer's id tells about where it is: `ip:postgresPort:backupPort`, ports optional.
package struct PeerAddress: Equatable {
    /// Without brackets, also for IPv6.
    package var ip: String
    /// The second part; nil if the id has none.
    package var postgresPort: String?
    var backupPort: String?

    /// Takes `id` apart.
    ///
    /// An IPv6 address has colons of its own. `ip`, if it is known, tells where it ends; otherwise
    /// brackets do; otherwise the last two parts of an id with more than three count as ports.
    package init(_ id: PeerID, ip known: String? = nil) {
        let text = id.text
        let ports: Substring
        if let known, text == known || text.hasPrefix(known + ":") {
            ip = known
            ports = text.dropFirst(known.count)
        } else if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            ip = String(text[text.index(after: text.startIndex)..<end])
            ports = text[text.index(after: end)...]
        } else {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            let addressParts = parts.count > 3 ? parts.count - 2 : 1
            ip = parts.prefix(addressParts).joined(separator: ":")
            ports = text.dropFirst(ip.count)
        }
        let numbers = ports.split(separator: ":").map(String.init)
        postgresPort = numbers.first
        backupPort = numbers.count > 1 ? numbers[1] : nil
    }

    /// The address as it stands in a URL.
    package var host: String { ip.contains(":") ? "[\(ip)]" : ip }

    var postgresURL: String { "tcp://postgres@\(host):\(postgresPort ?? "5432")/postgres" }

    /// The original takes the postgres port here, against its own intent.
    var backupURL: String { "http://\(host):\(backupPort ?? "12345")" }
}
