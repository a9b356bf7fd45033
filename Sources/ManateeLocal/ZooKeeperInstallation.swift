import Glibc

/// Where ZooKeeper and its Java are on this machine.
package struct ZooKeeperInstallation: Hashable, Sendable {
    /// The `java` program.
    package var java: String
    /// The class path that starts a server.
    package var classPath: [String]

    /// Something that is needed is not installed.
    package struct Missing: Error, Hashable, CustomStringConvertible {
        /// What is missing.
        package var file: String
        /// The Debian package that has it.
        package var package: String

        /// What was looked for, and what to do.
        package var description: String {
            "ZooKeeper cannot be started: \(file) is missing; install the Debian package "
                + "\(package) (apt-get install \(package))"
        }
    }

    /// An installation of its parts.
    package init(java: String, classPath: [String]) {
        self.java = java
        self.classPath = classPath
    }

    /// Looks for what Debian installs.
    ///
    /// - Parameter root: Where the system's directories are; default `""`, the system itself.
    /// - Returns: The installation.
    /// - Throws: ``Missing``, naming the file and its package.
    package static func find(in root: String = "") throws(Missing) -> Self {
        let java = root + "/usr/bin/java"
        guard access(java, X_OK) == 0 else {
            throw Missing(file: java, package: "default-jre-headless")
        }
        let server = root + "/usr/share/java/zookeeper.jar"
        guard access(server, R_OK) == 0 else {
            throw Missing(file: server, package: "zookeeper")
        }
        // Not in the server's manifest: where log lines go, and what TLS needs.
        let extras = ["slf4j-simple.jar", "netty-codec.jar", "netty-resolver.jar"]
            .map { root + "/usr/share/java/\($0)" }
            .filter { (file: String) in access(file, R_OK) == 0 }
        return Self(java: java, classPath: [server] + extras)
    }
}
