import ManateeCore

/// How one sort of value is written in a configuration file.
struct SettingKind<Value> {
    /// The words for a message: what is expected.
    var expected: String
    /// What to do if it is something else.
    var remedy: String
    /// Whether a wrong value is kept out of messages, since it may hold a password.
    var isConfidential = false
    /// The value that a word stands for; nil if it stands for none.
    var parse: (_ text: String, _ quoted: Bool) -> Value?
}

extension SettingKind where Value == String {
    /// Any text with something in it.
    static var text: Self {
        SettingKind(expected: "a text", remedy: "write a text that is not empty") { text, _ in
            text.isEmpty ? nil : text
        }
    }

    /// A path from the root.
    static var path: Self {
        SettingKind(
            expected: "an absolute path",
            remedy: "write the path from `/` on"
        ) { text, _ in
            text.hasPrefix("/") && !text.contains("\0") ? normalised(text) : nil
        }
    }

    /// The address by which others reach this peer; it is part of the peer's identity.
    static var peerAddress: Self {
        SettingKind(
            expected: "the address by which the other peers reach this one",
            remedy: "write one of this host's addresses, for example 10.0.0.7"
        ) { text, _ in
            isHost(text) && !["0.0.0.0", "::", "*"].contains(text) ? text : nil
        }
    }

    /// An address to listen on.
    static var listenAddress: Self {
        SettingKind(
            expected: "an address to listen on",
            remedy: "write 0.0.0.0 or one of this host's addresses"
        ) { text, _ in
            isHost(text) ? text : nil
        }
    }

    /// `host:port,host:port/chroot`.
    static var zooKeeperServers: Self {
        SettingKind(
            expected: "HOST:PORT, several separated by commas, /CHROOT at the end if there is one",
            remedy: "write for example 10.0.0.1:2181,10.0.0.2:2181,10.0.0.3:2181"
        ) { text, _ in
            let servers = text.prefix { $0 != "/" }
            return servers.split(separator: ",", omittingEmptySubsequences: false)
                .allSatisfy(isServer) ? text : nil
        }
    }

    /// A name of a role or a user that needs no quoting.
    static var name: Self {
        SettingKind(
            expected: "a name of letters, digits, `_` and `-`",
            remedy: "write the name of an existing user, for example postgres"
        ) { text, _ in
            !text.isEmpty && text.utf8.count < 64 && text.first != "-"
                && text.allSatisfy {
                    $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0))
                }
                ? text : nil
        }
    }

    /// `ADDRESS/BITS`, or what PostgreSQL calls the host's own networks.
    static var network: Self {
        SettingKind(
            expected: "a network, ADDRESS/BITS, samenet or samehost",
            remedy: "write for example 10.0.0.0/8"
        ) { text, _ in
            if ["samenet", "samehost"].contains(text) { return text }
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, isHost(parts[0]), let bits = Int(parts[1]) else { return nil }
            return (0...(parts[0].contains(":") ? 128 : 32)).contains(bits) ? text : nil
        }
    }

    /// `tcp://USER@HOST:PORT/DATABASE`; a password has no place in it, since it is published.
    static var postgresURL: Self {
        SettingKind(
            expected: "tcp://USER@HOST:PORT/DATABASE without a password",
            remedy: "write for example tcp://postgres@10.0.0.7:5432/postgres, or leave it out",
            isConfidential: true
        ) { text, _ in
            let parts = text.dropFirst("tcp://".count).split(separator: "@")
            guard text.hasPrefix("tcp://"), parts.count == 2, !parts[0].contains(":"),
                parts[1].contains("/")
            else { return nil }
            return text
        }
    }

    /// A data set of ZFS.
    static var dataset: Self {
        SettingKind(
            expected: "a data set below a pool",
            remedy: "write for example tank/manatee/data"
        ) { text, _ in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            return parts.count > 1
                && parts.allSatisfy { !$0.isEmpty && isHost($0) && $0.first != "-" }
                ? text : nil
        }
    }

    /// A number and a unit, as PostgreSQL writes sizes.
    static var size: Self {
        SettingKind(
            expected: "a size with its unit, kB, MB, GB or TB",
            remedy: "write for example 512MB"
        ) { text, _ in
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty, digits.count < 10,
                ["kB", "MB", "GB", "TB"].contains(text.dropFirst(digits.count))
            else { return nil }
            return text
        }
    }

    /// `http://HOST:PORT`; what follows is dropped.
    static var httpURL: Self {
        SettingKind(
            expected: "http://HOST:PORT",
            remedy: "write for example http://127.0.0.1:5433"
        ) { text, _ in
            let server = text.dropFirst("http://".count).prefix { $0 != "/" }
            return text.hasPrefix("http://") && isServer(server) ? "http://\(server)" : nil
        }
    }

    private static func isHost(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || ".-:_%".contains($0))
            }
    }

    private static func isServer(_ text: Substring) -> Bool {
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return false }
            let port = text[text.index(after: close)...]
            return isHost(text[text.index(after: text.startIndex)..<close])
                && (port.isEmpty || port.hasPrefix(":") && isPort(port.dropFirst()))
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return isHost(parts[0]) && (parts.count == 1 || parts.count == 2 && isPort(parts[1]))
    }

    private static func isPort(_ text: Substring) -> Bool {
        Int(text).map { (1...65535).contains($0) } ?? false
    }

    /// `path` without doubled and trailing slashes.
    private static func normalised(_ path: String) -> String {
        "/" + path.split(separator: "/").joined(separator: "/")
    }
}

extension SettingKind where Value == AccessLine {
    /// A line that admits over the network, never without a password.
    static var accessLine: Self {
        SettingKind(
            expected: "host or hostssl, databases, users, an address and scram-sha-256",
            remedy: "write for example `host app app 10.0.0.0/8 scram-sha-256`"
        ) { text, _ in
            AccessLine(text)
        }
    }
}

extension SettingKind where Value == Int {
    /// A TCP port.
    static var port: Self {
        SettingKind(
            expected: "a port, 1 to 65535",
            remedy: "write a number without quotes, for example 5432"
        ) { text, quoted in
            guard !quoted, let port = Int(text), (1...65535).contains(port) else { return nil }
            return port
        }
    }

    /// A whole number of things.
    static func count(_ range: ClosedRange<Int>) -> Self {
        SettingKind(
            expected: "a whole number, \(range.lowerBound) to \(range.upperBound)",
            remedy: "write a number without quotes and without a unit"
        ) { text, quoted in
            guard !quoted, let number = Int(text), range.contains(number) else { return nil }
            return number
        }
    }
}

extension SettingKind where Value == Bool {
    /// Yes or no.
    static var boolean: Self {
        SettingKind(expected: "true or false", remedy: "write true or false") { text, quoted in
            switch text {
            case "true" where !quoted: true
            case "false" where !quoted: false
            default: nil
            }
        }
    }
}

extension SettingKind where Value == SpaceAmount {
    /// An amount of room.
    static var amount: Self {
        SettingKind(
            expected: "an amount of room: a part (10%) or a size with kB, MB, GB or TB",
            remedy: "write for example 10% or 5GB"
        ) { text, _ in
            SpaceText.parse(text)
        }
    }
}

extension SettingKind where Value == Duration {
    /// A span of time with its unit, within `range`.
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        let words =
            "\(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
        return SettingKind(
            expected: "a duration with its unit, \(words)",
            remedy: "write a number and ms, s, m or h, for example 10s"
        ) { text, _ in
            DurationText.parse(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A bare number of milliseconds or seconds, as the original's files have it.
    static func number(of unit: Duration, called name: String, _ range: ClosedRange<Int>) -> Self {
        SettingKind(
            expected: "a whole number of \(name), \(range.lowerBound) to \(range.upperBound)",
            remedy: "write a number without quotes and without a unit"
        ) { text, quoted in
            guard !quoted, let number = Int(text), range.contains(number) else { return nil }
            return unit * number
        }
    }
}

extension SettingKind where Value: CaseIterable & RawRepresentable<String> {
    /// One of the cases' names.
    static var choice: Self {
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return SettingKind(expected: "one of \(names)", remedy: "write one of them") { text, _ in
            Value(rawValue: text)
        }
    }
}
