import Foundation
import Glibc
import ManateeConfiguration
import ManateePorts
import Testing

/// A host that is as the test says.
private struct DescribedHost: HostFacts {
    var userName = "root"
    var users: Set<String> = ["postgres"]
    var files: [String: FileFacts] = [
        "/var/lib/manatee/manatee.secrets": .file(0o600)
    ]
    var directories = ["/usr/lib/postgresql": ["13", "15", "9.6"]]
    var lines: [String: String] = [:]
    var running: Set<Int32> = []
    var taken: [Int: String] = [:]

    init() { addPrograms("/usr/lib/postgresql/15/bin") }

    mutating func addPrograms(_ directory: String) {
        for name in ["postgres", "initdb", "pg_basebackup", "pg_rewind"] {
            files["\(directory)/\(name)"] = .file(0o755)
        }
    }

    var isRoot: Bool { userName == "root" }
    func hasUser(_ name: String) -> Bool { users.contains(name) }
    func file(at path: String) -> FileFacts? { files[path] }
    func names(in path: String) -> [String] { directories[path] ?? [] }
    func firstLine(of path: String) -> String? { lines[path] }
    func isRunning(_ process: Int32) -> Bool { running.contains(process) }
    func whyTaken(port: Int, on address: String) -> String? { taken[port] }
}

extension FileFacts {
    fileprivate static func file(_ mode: UInt32) -> FileFacts {
        FileFacts(
            isDirectory: false,
            mode: mode,
            isReadable: true,
            isExecutable: mode & 0o111 != 0
        )
    }
}

@Suite("A configuration held against its host")
struct HostCheckTests {
    private func check(
        _ host: DescribedHost,
        change: (inout SitterSettings) -> Void = { _ in },
        file name: String = "minimal.yaml"
    ) throws -> HostCheck {
        var file = try SitterSettingsFile(
            text: try SamplesFolder.read(name),
            file: name,
            host: "host1"
        )
        if name == "minimal.yaml" { file.settings.postgres.osUser = "postgres" }
        change(&file.settings)
        return HostCheck(file, file: name, host: host)
    }

    @Test func `has nothing against a host that is as it must be`() throws {
        #expect(try check(DescribedHost()).problems == [])
        #expect(try check(DescribedHost()).takenPorts == [])
    }

    @Test func `wants the storage's tools, and a place that is free`() throws {
        var host = DescribedHost()
        host.files["/srv/manatee"] = .file(0o644)
        let problems = try check(host) {
            $0.storage = .btrfs(TreeSettings(root: "/srv/manatee"))
        }.problems
        #expect(
            problems.map(\.description) == [
                """
                minimal.yaml: storage.backend: found no program /usr/bin/btrfs; \
                expected the storage's tools on this host; \
                to mend it: install the package btrfs-progs, or choose another storage
                """,
                """
                minimal.yaml: storage.path: found /srv/manatee, which is not a directory; \
                expected a directory, or a path that is free; \
                to mend it: move what is there away, or name another path
                """,
            ]
        )
        let zfs = StorageSettings.zfs(ZFSSettings(dataset: "tank/pg", mountpoint: "/srv/pg"))
        #expect(try check(DescribedHost()) { $0.storage = zfs }.problems.count == 1)
        host.files["/usr/sbin/zfs"] = .file(0o755)
        #expect(try check(host) { $0.storage = zfs }.problems == [])
    }

    @Test func `wants a user for postgres when the sitter is root`() throws {
        let problems = try check(DescribedHost()) { $0.postgres.osUser = nil }.problems
        #expect(
            problems.map(\.description) == [
                """
                minimal.yaml: postgres.osUser: found nothing, while the sitter runs as root; \
                expected a user for postgres, which refuses to run as root; \
                to mend it: add postgres.osUser: postgres
                """
            ]
        )
    }

    @Test(arguments: ["nobody-here", "root"])
    func `wants that user to exist and not to be root`(name: String) throws {
        var host = DescribedHost()
        host.users.insert("root")
        let problems = try check(host) { $0.postgres.osUser = name }.problems
        #expect(problems.map(\.key) == ["postgres.osUser"])
        #expect(problems.first?.remedy.contains("useradd --system") == true)
    }

    @Test func `cannot become another user without being root`() throws {
        var host = DescribedHost()
        host.userName = "alice"
        #expect(try check(host).problems.map(\.key) == ["postgres.osUser"])
        #expect(try check(host) { $0.postgres.osUser = "alice" }.problems == [])
        #expect(try check(host) { $0.postgres.osUser = nil }.problems == [])
    }

    @Test func `names the package of the version that the data has`() throws {
        var host = DescribedHost()
        host.lines["/var/lib/manatee/data/PG_VERSION"] = "14"
        let problem = try #require(try check(host).problems.first)
        #expect(problem.key == "postgres.binDirectory")
        #expect(problem.found.contains("the data directory is of version 14"))
        #expect(problem.remedy.contains("apt install postgresql-14"))
    }

    @Test func `names the package when nothing is installed`() throws {
        var host = DescribedHost()
        host.directories = [:]
        let problem = try #require(try check(host).problems.first)
        #expect(problem.found == "nothing, and no PostgreSQL in /usr/lib/postgresql")
        #expect(problem.remedy.contains("apt install postgresql"))
    }

    @Test func `says which programs are missing where`() throws {
        var host = DescribedHost()
        host.addPrograms("/opt/pg/bin")
        host.files["/opt/pg/bin/pg_rewind"] = nil
        let problems = try check(host) { $0.postgres.binDirectory = "/opt/pg/bin" }.problems
        #expect(problems.map(\.found) == ["no pg_rewind in /opt/pg/bin"])
    }

    @Test func `wants the secrets to be there and private`() throws {
        let path = "/var/lib/manatee/manatee.secrets"
        var host = DescribedHost()
        host.files[path] = nil
        #expect(try check(host).problems.first?.remedy.contains("--create-secrets") == true)
        host.files[path] = .file(0o640)
        let open = try #require(try check(host).problems.first)
        #expect(open.found == "\(path), which is open to others (mode 0640)")
        #expect(open.remedy.hasPrefix("run `chmod 600 \(path)`"))
        host.files[path] = FileFacts(
            isDirectory: false,
            mode: 0o600,
            isReadable: false,
            isExecutable: false
        )
        #expect(try check(host).problems.first?.found.contains("cannot be read") == true)
    }

    @Test func `tells what is wrong all at once`() throws {
        var host = DescribedHost()
        host.files = [:]
        host.users = []
        let problems = try check(host) {
            $0.zooKeeper.credentialsFile = "/etc/zk"
            $0.postgres.socketDirectory = "/" + String(repeating: "x", count: 100)
        }.problems
        #expect(
            problems.map(\.key) == [
                "postgres.osUser", "postgres.binDirectory", "postgres.socketDirectory",
                "postgres.secretFile", "zookeeper.credentialsFile",
            ]
        )
    }

    @Test func `says which port is taken, and how to find by whom`() throws {
        var host = DescribedHost()
        host.taken = [5432: "Address already in use", 5433: "Address already in use"]
        let problems = try check(host).takenPorts
        #expect(problems.map(\.key) == ["statusServer.port", "peer.postgresPort"])
        #expect(
            problems.first?.found
                == "port 5433 of 0.0.0.0, where nobody can listen: Address already in use"
        )
        #expect(problems.first?.remedy.contains("ss -ltnp 'sport = :5433'") == true)
    }

    @Test func `does not mind the postgres of an earlier sitter`() throws {
        var host = DescribedHost()
        host.taken = [5432: "Address already in use"]
        host.lines["/var/lib/manatee/data/postmaster.pid"] = "77"
        #expect(try check(host).takenPorts.count == 1)
        host.running = [77]
        #expect(try check(host).takenPorts == [])
    }

    @Test func `speaks of the original's keys to those who have its file`() throws {
        var host = DescribedHost()
        host.users = []
        host.taken = [5442: "taken"]
        let check = try check(host, file: "original-sitter.json")
        #expect(
            check.problems.map(\.key) == [
                "postgresMgrCfg.dbUser", "postgresMgrCfg.zfsClientCfg.zfsPath",
                "postgresMgrCfg.secretFile",
            ]
        )
        #expect(check.takenPorts.map(\.key) == ["postgresPort"])
    }
}

@Suite("This host")
struct LocalHostTests {
    private let host = LocalHost()

    @Test func `knows its user, its files and its name`() throws {
        #expect(host.hasUser(host.userName))
        #expect(!host.hasUser("nobody-of-that-name"))
        #expect(!host.name.isEmpty)
        let path = FileManager.default.temporaryDirectory
            .appending(path: "manatee-host-\(UUID().uuidString)").path
        #expect(host.file(at: path) == nil)
        #expect(host.firstLine(of: path) == nil)
        #expect(FileManager.default.createFile(atPath: path, contents: Data("15\nx".utf8)))
        defer { unlink(path) }
        chmod(path, 0o640)
        #expect(host.file(at: path)?.mode == 0o640)
        #expect(host.file(at: path)?.isDirectory == false)
        #expect(host.firstLine(of: path) == "15")
        #expect(host.isRunning(getpid()))
    }

    @Test func `sees a port that somebody listens on`() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        try #require(bound)
        let port = Int(UInt16(bigEndian: address.sin_port))
        #expect(host.whyTaken(port: port, on: "127.0.0.1") == "Address already in use")
        #expect(host.whyTaken(port: port, on: "0.0.0.0") == "Address already in use")
        #expect(host.whyTaken(port: port, on: "192.0.2.1") == "Cannot assign requested address")
        #expect(host.whyTaken(port: port, on: "no.such.host.invalid") != nil)
    }
}

@Suite("A configuration file")
struct LoadingTests {
    @Test func `that is not there, is a directory, or is no text is told as such`() throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "manatee-load-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { unlink(directory.appending(path: "binary.yaml").path); rmdir(directory.path) }
        let binary = directory.appending(path: "binary.yaml")
        try Data([0xFF, 0xFE, 0x00]).write(to: binary)
        for (path, found) in [
            (directory.appending(path: "absent.yaml").path, "no such file"),
            (directory.path, "a directory"),
            (binary.path, "bytes that are no UTF-8 text"),
        ] {
            let error = try #require(throws: InvalidConfiguration.self) {
                try SitterSettingsFile.load(path, environment: [:])
            }
            #expect(error.problems.map(\.found) == [found])
            #expect(error.problems.map(\.file) == [path])
        }
    }
}
