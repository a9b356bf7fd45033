import ManateeLocal
import NIOSSL
import Testing
import ZooKeeperClient

@Suite("A real ZooKeeper server behind TLS", .serialized, .timeLimit(.minutes(1)))
struct TLSTests {
    @Test func `encrypts, and talks only to a server that it can verify`() async throws {
        try await withTemporaryDirectory { directory in
            let certificate = try await makeCertificate(in: directory)
            let ports = try FreePorts.take(2)
            var settings = ZooKeeperServer.Settings(
                directory: directory + "/zk",
                clientPort: ports[0]
            )
            settings.properties = [
                "secureClientPort": "\(ports[1])",
                "secureClientPortAddress": "127.0.0.1",
                "serverCnxnFactory": "org.apache.zookeeper.server.NettyServerCnxnFactory",
                "ssl.keyStore.location": directory + "/key.p12",
                "ssl.keyStore.password": "secret",
                "ssl.keyStore.type": "PKCS12",
                "ssl.clientAuth": "none",
            ]
            let server = try ZooKeeperServer(settings, installation: .find())
            do {
                try await server.start()
                var tls = TLSConfiguration.makeClientConfiguration()
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificate))
                for host in ["localhost", "127.0.0.1"] {
                    var configuration = try ZooKeeperConfiguration("\(host):\(ports[1])")
                    configuration.tls = tls
                    try await ZooKeeperClient.withClient(configuration, logger: .quiet) { client in
                        let large = [UInt8](repeating: 1, count: 500_000)
                        try await client.create("/\(host)", data: large)
                        #expect(try await client.get("/\(host)").data == large)
                    }
                }

                var distrustful = try ZooKeeperConfiguration("localhost:\(ports[1])")
                distrustful.tls = .makeClientConfiguration()
                distrustful.requestWait = .seconds(1)
                try await ZooKeeperClient.withClient(distrustful, logger: .quiet) { client in
                    let error = try await failure { try await client.get("/") }
                    #expect(error.code == .notConnected)
                    #expect(error.detail?.contains("CERTIFICATE_VERIFY_FAILED") == true)
                }
            } catch {
                await server.stop()
                throw error
            }
            await server.stop()
        }
    }

    /// Makes a key and a certificate for this machine, as PEM and as the key store of Java.
    ///
    /// - Returns: The certificate's path.
    private func makeCertificate(in directory: String) async throws -> String {
        try await run(
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", "key.pem", "-out", "cert.pem",
            ],
            in: directory
        )
        try await run(
            [
                "pkcs12", "-export", "-in", "cert.pem", "-inkey", "key.pem", "-out", "key.p12",
                "-passout", "pass:secret",
            ],
            in: directory
        )
        return directory + "/cert.pem"
    }

    private func run(_ arguments: [String], in directory: String) async throws {
        var launch = ChildProcess.Launch(
            program: "/usr/bin/openssl",
            arguments: arguments,
            logFile: directory + "/openssl.log"
        )
        launch.directory = directory
        let exit = try await ChildProcess.start(launch).waitForExit()
        try #require(exit == .code(0), "see openssl.log in \(directory)")
    }
}
