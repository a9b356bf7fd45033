import Crypto

/// What somebody may do with a node.
public struct Permissions: OptionSet, Hashable, Sendable {
    /// The bits in the protocol.
    public let rawValue: Int32

    /// Permissions of the protocol's bits.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Read the data and list the children.
    public static let read = Self(rawValue: 1)
    /// Write the data.
    public static let write = Self(rawValue: 2)
    /// Create children.
    public static let create = Self(rawValue: 4)
    /// Delete children.
    public static let delete = Self(rawValue: 8)
    /// Set the access control list.
    public static let admin = Self(rawValue: 16)
    /// Everything.
    public static let all: Self = [.read, .write, .create, .delete, .admin]
}

/// One entry of a node's access control list: who may do what.
public struct ACL: Hashable, Sendable {
    /// What is allowed.
    public var permissions: Permissions
    /// How `id` is to be understood, such as `world`, `digest`, `auth`, `ip` or `x509`.
    public var scheme: String
    /// Who is allowed, in the form that the scheme asks for.
    public var id: String

    /// An entry of its parts.
    public init(permissions: Permissions, scheme: String, id: String) {
        self.permissions = permissions
        self.scheme = scheme
        self.id = id
    }

    /// Allows everybody.
    public static func world(_ permissions: Permissions) -> Self {
        Self(permissions: permissions, scheme: "world", id: "anyone")
    }

    /// Allows the identities that the creating session has authenticated as.
    public static func authenticated(_ permissions: Permissions) -> Self {
        Self(permissions: permissions, scheme: "auth", id: "")
    }

    /// Allows whoever authenticates with this user and password; only a hash is sent.
    public static func digest(
        user: String,
        password: String,
        _ permissions: Permissions
    ) -> Self {
        let hash = Insecure.SHA1.hash(data: Array("\(user):\(password)".utf8))
        return Self(
            permissions: permissions,
            scheme: "digest",
            id: "\(user):\(base64(Array(hash)))"
        )
    }
}

extension [ACL] {
    /// Everybody may do everything: the list of a node that is created without one.
    public static var open: Self { [.world(.all)] }
    /// Everybody may read, nobody may change.
    public static var readOnly: Self { [.world(.read)] }
    /// Only the identities that the creating session has authenticated as may do anything.
    public static var creatorOnly: Self { [.authenticated(.all)] }
}

private func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        bits <<= 8 * UInt32(3 - group.count)
        for index in 0..<4 {
            let sextet = Int(bits >> UInt32(18 - 6 * index)) & 63
            text.append(index <= group.count ? alphabet[sextet] : "=")
        }
    }
    return text
}
