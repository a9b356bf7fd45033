import NIOCore
import Testing

@testable import ManateeBackup

@Suite("The frames of a stream")
struct FrameTests {
    private let start = FrameChain(job: "job", snapshot: "1700000000001", base: nil)

    /// Two frames of data, a sign of life between them, and the end.
    private func wire() -> [ByteBuffer] {
        var chain = start
        return [
            chain.encode(.data, Array("hello".utf8)),
            chain.encode(.idle, EmptyCollection()),
            chain.encode(.data, Array("world".utf8)),
            chain.encode(.end, EmptyCollection()),
        ]
    }

    private func read(_ bytes: [UInt8], from chain: FrameChain) throws -> [BackupFrame.Kind] {
        var reader = FrameReader(chain)
        var kinds: [BackupFrame.Kind] = []
        // Byte by byte: nothing depends on how the network cuts.
        for byte in bytes {
            reader.append(ByteBuffer(integer: byte))
            while let frame = try reader.next() { kinds.append(frame.kind) }
        }
        return kinds
    }

    @Test func `come out as they went in, however the network cuts them`() throws {
        let bytes = wire().flatMap { Array($0.readableBytesView) }
        #expect(try read(bytes, from: start) == [.data, .idle, .data, .end])
    }

    @Test func `no single changed bit gets through`() throws {
        let bytes = wire().flatMap { Array($0.readableBytesView) }
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                do {
                    // A longer length makes the reader wait for bytes that never come.
                    #expect(try !read(changed, from: start).contains(.end))
                } catch {
                    #expect(error is FrameError)
                }
            }
        }
    }

    @Test func `a lost, doubled or exchanged frame is refused`() throws {
        let frames = wire().map { Array($0.readableBytesView) }
        for order in [[0, 3], [0, 0, 2, 3], [2, 0, 3], [0, 2, 2, 3]] {
            #expect(throws: FrameError.self) {
                try read(order.flatMap { frames[$0] }, from: start)
            }
        }
    }

    @Test func `frames of another job, snapshot or base are refused`() throws {
        let bytes = wire().flatMap { Array($0.readableBytesView) }
        for other in [
            FrameChain(job: "other", snapshot: "1700000000001", base: nil),
            FrameChain(job: "job", snapshot: "1700000000002", base: nil),
            FrameChain(job: "job", snapshot: "1700000000001", base: "1700000000000"),
        ] {
            #expect(throws: FrameError.wrongDigest(0)) { try read(bytes, from: other) }
        }
    }

    @Test func `a claimed length is not believed beyond a bound`() throws {
        var reader = FrameReader(start)
        var header = ByteBuffer()
        header.writeInteger(BackupFrame.Kind.data.rawValue)
        header.writeInteger(UInt64(0))
        header.writeInteger(UInt32.max)
        reader.append(header)
        #expect(throws: FrameError.tooLong(.max)) { try reader.next() }
    }

    @Test func `an incomplete frame is forgotten with its connection`() throws {
        let frames = wire()
        var reader = FrameReader(start)
        reader.append(frames[0])
        #expect(try reader.next()?.kind == .data)
        var half = frames[2]
        reader.append(half.readSlice(length: 9) ?? ByteBuffer())
        #expect(try reader.next() == nil)
        reader.restart()
        reader.append(frames[2])
        #expect(try reader.next()?.sequence == 1)
    }
}
