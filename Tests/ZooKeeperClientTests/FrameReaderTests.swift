import Testing

@testable import ZooKeeperClient

@Suite struct FrameReaderTests {
    @Test func `frames come whole however the bytes are cut`() throws {
        let frames: [[UInt8]] = [[1, 2, 3], [], [4], Array(repeating: 9, count: 300)]
        let stream = frames.flatMap { JuteWriter.frame($0) }
        for size in 1...stream.count {
            var reader = FrameReader(limit: 300)
            var seen: [[UInt8]] = []
            var rest = stream[...]
            while !rest.isEmpty {
                reader.append(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
                while let frame = try reader.next() {
                    seen.append(frame)
                }
            }
            #expect(seen == frames, "cut into \(size) bytes")
        }
    }

    @Test func `a negative length is an error as soon as it is seen`() {
        for length in [Int32(-1), .min] {
            var writer = JuteWriter()
            writer.write(length)
            var reader = FrameReader(limit: 10)
            reader.append(writer.bytes)
            #expect(throws: JuteError.impossibleLength(length, available: 0)) {
                _ = try reader.next()
            }
        }
    }

    @Test func `a length beyond the limit is an error before its bytes are waited for`() throws {
        for length in [Int32(11), .max] {
            var writer = JuteWriter()
            writer.write(length)
            var reader = FrameReader(limit: 10)
            reader.append(writer.bytes)
            #expect(throws: JuteError.frameTooLong(Int(length), limit: 10)) {
                _ = try reader.next()
            }
        }
        var reader = FrameReader(limit: 10)
        reader.append([0, 0, 0, 10])
        #expect(try reader.next() == nil)
    }
}
