import NIOCore
import Testing

@testable import ManateeBackup

@Suite("The window of frames")
struct FrameWindowTests {
    private func frame(_ byte: UInt8) -> ByteBuffer { ByteBuffer(repeating: byte, count: 1000) }
    private let idle = ByteBuffer(string: "idle")

    @Test func `the maker waits until the reader has taken enough`() async throws {
        let window = FrameWindow(FrameWindow.Limits(ahead: 2500, behind: 4000))
        let reader = try #require(window.attach(from: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for byte in UInt8(0)..<20 {
                    #expect(await window.put(frame(byte), idle: idle, isLast: byte == 19))
                }
            }
            var taken: [UInt8] = []
            while case .frame(let frame) = await window.next(reader) {
                taken.append(try #require(frame.getInteger(at: 0)))
                // Ahead, the frame that made the maker wait, and behind.
                #expect(window.heldBytes <= 2500 + 1000 + 4000 + 1000)
            }
            #expect(taken == Array(0..<20))
            try await group.waitForAll()
        }
    }

    @Test func `another connection goes on where it wants, as far back as is kept`() async throws {
        let window = FrameWindow(FrameWindow.Limits(ahead: 100_000, behind: 3000))
        for byte in UInt8(0)..<10 { #expect(await window.put(frame(byte), idle: idle)) }
        let first = try #require(window.attach(from: 0))
        for byte in UInt8(0)..<8 { #expect(await window.next(first) == .frame(frame(byte))) }
        // Frames 0 to 3 are gone, 11 does not exist yet.
        #expect(window.attach(from: 2) == nil)
        #expect(window.attach(from: 11) == nil)
        let second = try #require(window.attach(from: 5))
        #expect(await window.next(first) == .over)
        #expect(await window.next(second) == .frame(frame(5)))
    }

    @Test func `a reader that waits is told that the maker lives`() async throws {
        let window = FrameWindow()
        #expect(await window.put(frame(1), idle: idle))
        let reader = try #require(window.attach(from: 1))
        await withTaskGroup(of: FrameWindow.Step.self) { group in
            group.addTask { await window.next(reader) }
            group.addTask {
                while !Task.isCancelled {
                    window.tick()
                    await Task.yield()
                }
                return .over
            }
            #expect(await group.next() == .idle(idle))
            group.cancelAll()
        }
    }

    @Test func `what is made before the end can be read after it, until it is closed`()
        async throws
    {
        let window = FrameWindow()
        #expect(await window.put(frame(1), idle: idle))
        window.seal()
        #expect(await !window.put(frame(2), idle: idle))
        let reader = try #require(window.attach(from: 0))
        #expect(await window.next(reader) == .frame(frame(1)))
        #expect(await window.next(reader) == .over)
        window.close()
        #expect(window.heldBytes == 0)
        #expect(window.attach(from: 0) == nil)
    }
}
