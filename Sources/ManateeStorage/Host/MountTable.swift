import Glibc
import ManateePorts

/// What is mounted where, as this process sees it.
struct MountTable: Equatable, Sendable {
    /// One line of `/proc/self/mounts`.
    struct Entry: Equatable, Sendable {
        /// The device or data set.
        var source: String
        /// Where it is mounted, absolute.
        var path: String
        /// The file system's type.
        var type: String
    }

    /// The mounts, in the order in which they were made.
    var entries: [Entry]

    /// The table in the text of `/proc/self/mounts`; lines that are none are skipped.
    init(_ text: String) {
        entries = text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            guard fields.count >= 3 else { return nil }
            return Entry(
                source: Self.unescaped(fields[0]),
                path: Self.unescaped(fields[1]),
                type: Self.unescaped(fields[2])
            )
        }
    }

    /// The table of this moment.
    static func current() throws(StorageFailure) -> MountTable {
        guard let text = HostFiles.text("/proc/self/mounts") else {
            throw StorageFailure(
                .unsupported,
                "cannot read /proc/self/mounts: what is mounted cannot be verified"
            )
        }
        return MountTable(text)
    }

    /// The mounts exactly at `path`.
    func at(_ path: String) -> [Entry] { entries.filter { $0.path == path } }

    /// The mounts at `path` or below.
    func within(_ path: String) -> [Entry] {
        entries.filter { $0.path == path || $0.path.hasPrefix(path + "/") }
    }

    /// The mounts of a ZFS data set, by the kernel's module or by FUSE.
    func ofDataset(_ dataset: String) -> [Entry] {
        entries.filter { $0.source == dataset && ($0.type == "zfs" || $0.type == "fuse.zfs") }
    }

    /// The mount that a path without symbolic links lies on.
    func covering(_ path: String) -> Entry? {
        entries.enumerated()
            .filter { path == $1.path || $1.path == "/" || path.hasPrefix($1.path + "/") }
            .max {
                ($0.element.path.utf8.count, $0.offset) < ($1.element.path.utf8.count, $1.offset)
            }?
            .element
    }

    /// Undoes the kernel's escapes: three octal digits for a space, a tab, a newline, a backslash.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
