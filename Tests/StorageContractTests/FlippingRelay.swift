import Foundation
import Glibc
import Synchronization

/// What lies between a receiver and a backup server, and changes one byte of what the server says.
final class FlippingRelay: Sendable {
    private let listener: Int32
    private let target: Int
    private let offset: Int
    private let flipped = Mutex(false)
    /// The port to connect to.
    let port: Int

    /// A relay to a port of this machine.
    ///
    /// - Parameters:
    ///   - target: the port.
    ///   - offset: how many bytes of one connection pass before the changed one.
    /// - Throws: if no port can be listened on.
    init(to target: Int, changing offset: Int) throws {
        self.target = target
        self.offset = offset
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        port = try Self.withLoopback(0) { [listener] address, length in
            var length = length
            guard bind(listener, address, length) == 0, listen(listener, 16) == 0,
                getsockname(listener, address, &length) == 0
            else { throw POSIXError(.EADDRNOTAVAIL) }
        }
        Thread.detachNewThread { [self] in
            while true {
                let near = accept(listener, nil, nil)
                guard near >= 0 else { return }
                Thread.detachNewThread { self.serve(near) }
            }
        }
    }

    /// Whether the byte came, and was changed.
    var hasFlipped: Bool { flipped.withLock { $0 } }

    /// Accepts nothing more; connections that are there go on.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ near: Int32) {
        let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let isConnected = try? Self.withLoopback(target) { address, length in
            guard connect(far, address, length) == 0 else { throw POSIXError(.ECONNREFUSED) }
        }
        guard isConnected != nil else {
            close(near)
            close(far)
            return
        }
        let requests = Thread { Self.pass(near, far) { _, _ in } }
        requests.start()
        Self.pass(far, near) { [self] bytes, passed in
            guard bytes.indices.contains(offset - passed) else { return }
            bytes[offset - passed] ^= 0x10
            flipped.withLock { $0 = true }
        }
        close(far)
        close(near)
    }

    /// Passes what comes, and the end of it.
    private static func pass(
        _ source: Int32,
        _ sink: Int32,
        _ change: (inout ArraySlice<UInt8>, Int) -> Void
    ) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var passed = 0
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            var bytes = buffer[..<count]
            change(&bytes, passed)
            passed += count
            while !bytes.isEmpty {
                let sent = bytes.withUnsafeBytes {
                    send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard sent > 0 else { return }
                bytes = bytes.dropFirst(sent)
            }
        }
        shutdown(sink, Int32(SHUT_WR))
    }

    /// The loopback address with a port; returns the port that is there afterwards.
    @discardableResult
    private static func withLoopback(
        _ port: Int,
        _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) throws -> Void
    ) throws -> Int {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        try withUnsafeMutablePointer(to: &address) {
            try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
