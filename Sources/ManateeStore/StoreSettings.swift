import NIOSSL
package import ZooKeeperClient

/// How ZooKeeper is reached, and who may see what is kept there.
package struct StoreSettings: Sendable {
    /// A user that authenticates at the servers.
    package struct Credentials: Sendable, CustomStringConvertible, CustomReflectable {
        /// The user's name.
        package var user: String
        /// The user's password.
        package var password: String

        /// A user with this name and password.
        package init(user: String, password: String) {
            self.user = user
            self.password = password
        }

        /// The user; the password is left out.
        package var description: String { "user \(user)" }

        /// A mirror that shows the user only.
        package var customMirror: Mirror { Mirror(self, children: ["user": user]) }
    }

    /// Encryption, by files in PEM format.
    package struct Encryption: Equatable, Sendable {
        /// A certificate and its key.
        package struct Identity: Equatable, Sendable {
            /// The file of the certificate and those that lead to its authority.
            package var certificateFile: String
            /// The file of the key.
            package var keyFile: String

            /// The identity that is in these files.
            package init(certificateFile: String, keyFile: String) {
                self.certificateFile = certificateFile
                self.keyFile = keyFile
            }
        }

        /// The authorities that the servers' certificates come from.
        package var authoritiesFile: String
        /// The own certificate; nil where the servers ask for none.
        package var identity: Identity?

        /// Encryption that trusts the authorities in this file.
        package init(authoritiesFile: String, identity: Identity? = nil) {
            self.authoritiesFile = authoritiesFile
            self.identity = identity
        }
    }

    /// `HOST:PORT,HOST:PORT/CHROOT`.
    package var servers: String
    /// How long the servers keep a session they do not hear from; they may change it.
    package var sessionTimeout: Duration
    /// Who to be; nil (default) for nobody.
    ///
    /// Then all that is created is open to everybody.
    package var credentials: Credentials?
    /// Whether what is created with credentials can be read without them; default false.
    package var worldMayRead = false
    /// Encryption; nil (default) for none.
    package var encryption: Encryption?

    /// Settings without credentials and encryption; the session timeout is 10 s by default.
    package init(servers: String, sessionTimeout: Duration = .seconds(10)) {
        self.servers = servers
        self.sessionTimeout = sessionTimeout
    }

    /// What the nodes of a shard are created with.
    var accessList: [ACL] {
        guard credentials != nil else { return .open }
        return worldMayRead ? .creatorOnly + .readOnly : .creatorOnly
    }

    /// The same as the client takes it.
    ///
    /// - Throws: `StoreFailure` that says what cannot be understood or read.
    package func configuration() throws(StoreFailure) -> ZooKeeperConfiguration {
        var configuration: ZooKeeperConfiguration
        do {
            configuration = try ZooKeeperConfiguration(servers)
        } catch {
            throw .settings("the ZooKeeper servers: \(error)")
        }
        configuration.sessionTimeout = sessionTimeout
        if let credentials {
            configuration.authentication = [
                .digest(user: credentials.user, password: credentials.password)
            ]
        }
        configuration.tls = try encryption.map(Self.tls)
        return configuration
    }

    private static func tls(
        _ encryption: Encryption
    ) throws(StoreFailure) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        do {
            _ = try NIOSSLCertificate.fromPEMFile(encryption.authoritiesFile)
        } catch {
            throw .settings("the authorities in \(encryption.authoritiesFile): \(error)")
        }
        tls.trustRoots = .file(encryption.authoritiesFile)
        guard let identity = encryption.identity else { return tls }
        do {
            tls.certificateChain = try NIOSSLCertificate.fromPEMFile(identity.certificateFile)
                .map { .certificate($0) }
        } catch {
            throw .settings("the certificate in \(identity.certificateFile): \(error)")
        }
        do {
            tls.privateKey = .privateKey(
                try NIOSSLPrivateKey(file: identity.keyFile, format: .pem)
            )
        } catch {
            throw .settings("the key in \(identity.keyFile): \(error)")
        }
        return tls
    }
}
