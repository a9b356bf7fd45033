/// The rules for paths: absolute, no empty or relative parts, no control characters.
enum NodePath {
    /// Checks `path`; a sequential node's may end in a slash, because digits follow.
    ///
    /// - Throws: `invalidPath`, saying what is wrong.
    static func validate(_ path: String, sequential: Bool = false) throws(ZooKeeperError) {
        guard path.utf8.first == UInt8(ascii: "/") else {
            throw invalid(path, "it must begin with '/'")
        }
        if path == "/" { return }
        // Bytes rather than characters: a combining mark after a slash would hide the slash.
        let checked = sequential ? path + "0" : path
        let slash = UInt8(ascii: "/")
        for part in checked.utf8.dropFirst().split(
            separator: slash,
            omittingEmptySubsequences: false
        ) {
            guard !part.isEmpty else {
                throw invalid(path, "it has an empty part, or ends in '/'")
            }
            guard !part.elementsEqual(".".utf8), !part.elementsEqual("..".utf8) else {
                throw invalid(path, "'.' and '..' are not allowed")
            }
        }
        for scalar in checked.unicodeScalars where !isAllowed(scalar) {
            throw invalid(path, "character U+\(String(scalar.value, radix: 16)) is not allowed")
        }
    }

    /// The path of the parent; nil for `/`.
    static func parent(of path: String) -> String? {
        guard path != "/", let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
            return nil
        }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Servers refuse what a Java string cannot hold in one well-behaved character.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1f, 0x7f...0x9f, 0xd800...0xf8ff, 0xfff0...: false
        case _: true
        }
    }

    private static func invalid(_ path: String, _ why: String) -> ZooKeeperError {
        ZooKeeperError(code: .invalidPath, path: path, detail: why)
    }
}

/// The part of the tree that a client sees: its paths are below `prefix` at the server.
struct Chroot: Hashable, Sendable {
    /// Empty, or a path without a slash at its end.
    private let prefix: String

    init(_ path: String) {
        prefix = path == "/" ? "" : path
    }

    /// The server's path for a client's.
    func outgoing(_ path: String) -> String {
        guard !prefix.isEmpty else { return path }
        return path == "/" ? prefix : prefix + path
    }

    /// The client's path for a server's; nil if the client does not see it.
    func incoming(_ path: String) -> String? {
        guard !prefix.isEmpty else { return path }
        guard path.utf8.starts(with: prefix.utf8) else { return nil }
        let rest = path.utf8.dropFirst(prefix.utf8.count)
        guard let first = rest.first else { return "/" }
        return first == UInt8(ascii: "/") ? String(decoding: rest, as: UTF8.self) : nil
    }
}
