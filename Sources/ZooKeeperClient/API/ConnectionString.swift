/// The servers of an ensemble and the part of the tree to use: `h1:2181,[::1]:2182,h3/base`.
///
/// Each server is a host name, an IPv4 address or an IPv6 address in brackets, with a port
/// (default 2181). A path behind the last server is the *chroot*: all paths are below it.
public struct ConnectionString: Hashable, Sendable {
    /// The servers, in the order of the string; at least one.
    public var servers: [ServerAddress]

    /// The path that all paths are below; `/` if there is none.
    public var chroot: String

    /// A connection string of its parts.
    ///
    /// - Throws: ``ZooKeeperError`` with the code `invalidConnectionString`.
    public init(servers: [ServerAddress], chroot: String = "/") throws(ZooKeeperError) {
        guard !servers.isEmpty else {
            throw Self.invalid("no server is named", in: "")
        }
        for server in servers {
            guard !server.host.isEmpty else {
                throw Self.invalid("a host is empty", in: "\(server)")
            }
            guard (1...65535).contains(server.port) else {
                throw Self.invalid("a port must be between 1 and 65535", in: "\(server)")
            }
        }
        do {
            try NodePath.validate(chroot)
        } catch {
            throw Self.invalid("the chroot: \(error.detail ?? "not a path")", in: chroot)
        }
        self.servers = servers
        self.chroot = chroot
    }

    /// Parses `string`.
    ///
    /// - Throws: ``ZooKeeperError`` with the code `invalidConnectionString`, naming the part.
    public init(_ string: String) throws(ZooKeeperError) {
        let slash = string.firstIndex(of: "/") ?? string.endIndex
        let list = string[..<slash]
        let chroot = slash == string.endIndex ? "/" : String(string[slash...])
        var servers: [ServerAddress] = []
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            servers.append(try Self.server(trimmed(part), in: string))
        }
        try self.init(servers: servers, chroot: chroot)
    }

    private static func server(
        _ part: Substring,
        in string: String
    ) throws(ZooKeeperError) -> ServerAddress {
        guard !part.isEmpty else {
            throw invalid("a server is empty", in: string)
        }
        guard part.first == "[" else {
            let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
            guard pieces.count <= 2 else {
                throw invalid("write the IPv6 address '\(part)' in brackets", in: string)
            }
            let host = String(pieces[0])
            guard !host.isEmpty, host.allSatisfy(isHostCharacter) else {
                throw invalid("'\(host)' is not a host", in: string)
            }
            return ServerAddress(
                host: host,
                port: pieces.count == 2
                    ? try port(pieces[1], in: string) : ServerAddress.defaultPort
            )
        }
        guard let end = part.firstIndex(of: "]") else {
            throw invalid("'\(part)' has no closing bracket", in: string)
        }
        let host = String(part[part.index(after: part.startIndex)..<end])
        // A link-local address may name its interface: fe80::1%eth0.
        let address = host.prefix { $0 != "%" }
        guard address.contains(":"), address.allSatisfy({ $0.isHexDigit || ":.".contains($0) }),
            host.dropFirst(address.count + 1).allSatisfy(isHostCharacter)
        else {
            throw invalid("'\(host)' is not an IPv6 address", in: string)
        }
        let rest = part[part.index(after: end)...]
        if rest.isEmpty {
            return ServerAddress(host: host)
        }
        guard rest.first == ":" else {
            throw invalid("':' must follow the bracket in '\(part)'", in: string)
        }
        return ServerAddress(host: host, port: try port(rest.dropFirst(), in: string))
    }

    private static func port(
        _ text: Substring,
        in string: String
    ) throws(ZooKeeperError) -> Int {
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(text),
            (1...65535).contains(port)
        else {
            throw invalid("'\(text)' is not a port between 1 and 65535", in: string)
        }
        return port
    }

    private static func isHostCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "-._".contains(character)
    }

    private static func invalid(_ what: String, in string: String) -> ZooKeeperError {
        ZooKeeperError(code: .invalidConnectionString, detail: "\(what), in '\(string)'")
    }
}

private func trimmed(_ part: Substring) -> Substring {
    var part = part
    while part.first?.isWhitespace == true { part.removeFirst() }
    while part.last?.isWhitespace == true { part.removeLast() }
    return part
}

extension ConnectionString: CustomStringConvertible {
    /// The string that parses to this value.
    public var description: String {
        let list = servers.map(\.description).joined(separator: ",")
        return chroot == "/" ? list : list + chroot
    }
}
