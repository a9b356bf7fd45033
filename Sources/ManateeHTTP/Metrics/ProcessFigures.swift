import FoundationEssentials
import Glibc

/// What the system tells of this process and of the database's file system; nil for what it does not tell.
struct ProcessFigures: Equatable {
    /// Processor time since the start, in seconds.
    var processorSeconds: Double?
    /// Memory in use, in bytes.
    var residentBytes: Int?
    /// Files that are open.
    var openFiles: Int?
    /// How many may be.
    var openFilesLimit: Int?
    /// When the process began, in seconds since 1970.
    var startSeconds: Double?
    /// The size of the file system that holds the database, in bytes.
    var diskBytes: UInt64?
    /// What is free on it for postgres, in bytes.
    var diskFreeBytes: UInt64?

    /// What is told now.
    ///
    /// - Parameter dataDirectory: a directory on the file system of interest; nil for none.
    /// - Returns: what is known; elsewhere than on Linux little.
    static func read(dataDirectory: String?) -> ProcessFigures {
        var figures = ProcessFigures()
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        // The fields after the program's name, which may contain anything but ends with the last `)`.
        if let stat = text(of: "/proc/self/stat"), let end = stat.lastIndex(of: ")") {
            let fields = stat[end...].split(separator: " ").dropFirst().map(String.init)
            if fields.count > 19, let user = Double(fields[11]), let system = Double(fields[12]) {
                figures.processorSeconds = (user + system) / ticks
                figures.startSeconds = Double(fields[19]).flatMap { began in
                    bootSeconds().map { $0 + began / ticks }
                }
            }
        }
        if let statm = text(of: "/proc/self/statm")?.split(separator: " "), statm.count > 1 {
            figures.residentBytes = Int(statm[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
        }
        // Only Linux has the folder; elsewhere the figure is left out.
        let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        figures.openFiles = open?.count
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            figures.openFilesLimit = Int(clamping: limit.rlim_cur)
        }
        if let dataDirectory { figures.readDisk(of: dataDirectory) }
        return figures
    }

    private mutating func readDisk(of directory: String) {
        var path = directory
        var facts = statvfs()
        // Before the first copy only a directory above it exists.
        while statvfs(path, &facts) != 0 {
            guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
            path = String(path[..<slash])
        }
        diskBytes = UInt64(facts.f_blocks) * UInt64(facts.f_frsize)
        diskFreeBytes = UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
    }

    private static func bootSeconds() -> Double? {
        let line = text(of: "/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst(6)) }
    }

    private static func text(of path: String) -> String? {
        // Only Linux has these files; elsewhere the figure is left out.
        try? String(contentsOfFile: path, encoding: .utf8)
    }
}
