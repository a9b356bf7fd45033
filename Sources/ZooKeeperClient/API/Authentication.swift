/// Credentials that are shown to each server the session connects to.
public struct Authentication: Hashable, Sendable {
    /// The scheme, such as `digest`.
    public var scheme: String

    /// The scheme's credentials; never printed.
    var secret: [UInt8]

    /// Credentials of any scheme.
    public init(scheme: String, credentials: [UInt8]) {
        self.scheme = scheme
        self.secret = credentials
    }

    /// A user and a password for nodes whose list has a matching `digest` entry.
    ///
    /// The password goes to the server as it is: use TLS where others can listen.
    public static func digest(user: String, password: String) -> Self {
        Self(scheme: "digest", credentials: Array("\(user):\(password)".utf8))
    }
}

extension Authentication: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The scheme; the credentials are left out.
    public var description: String { "\(scheme) credentials" }

    /// The scheme; the credentials are left out.
    public var debugDescription: String { description }

    /// A mirror that shows the scheme only.
    public var customMirror: Mirror { Mirror(self, children: ["scheme": scheme]) }
}
