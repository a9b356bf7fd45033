import CLinux
import Glibc

/// A file in memory between us and a child: it needs no thread that reads, and nobody waits for it to be closed.
struct MemoryFile: ~Copyable {
    let descriptor: Int32

    /// A file with this content, to be read from its start.
    init(_ content: [UInt8] = []) throws(ProcessFailure) {
        let descriptor = manatee_memory_file("child")
        guard descriptor >= 0, write(descriptor, content, content.count) == content.count,
            lseek(descriptor, 0, SEEK_SET) == 0
        else {
            let number = errno
            if descriptor >= 0 { close(descriptor) }
            throw ProcessFailure(attempt: "make a file in memory", number: number)
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// How much is in it, in bytes.
    var size: Int {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? Int(facts.st_size) : 0
    }

    /// The end of it, at most so many bytes.
    func text(last count: Int) -> String {
        let size = size
        var bytes = [UInt8](repeating: 0, count: min(size, count))
        let read = pread(descriptor, &bytes, bytes.count, off_t(size - bytes.count))
        return String(decoding: bytes.prefix(max(read, 0)), as: UTF8.self)
    }
}
