import Testing

@testable import ManateeSitter

@Suite("An interruption")
struct InterruptionTests {
    @Test func `leaves work that ends by itself alone`() async {
        let outcome = await Interruption().bound { Task.isCancelled }
        #expect(outcome == false)
    }

    @Test(.timeLimit(.minutes(1))) func `cancels the work and waits for its end`() async {
        let interruption = Interruption()
        let (started, start) = AsyncStream<Void>.makeStream()
        async let outcome = interruption.bound {
            start.finish()
            let never = AsyncStream<Never> { _ in }
            for await _ in never {}
            return Task.isCancelled
        }
        for await _ in started {}
        interruption.interrupt()
        #expect(await outcome)
    }

    @Test(.timeLimit(.minutes(1))) func `counts when it was stated before the work began`() async {
        let interruption = Interruption()
        interruption.interrupt()
        let outcome = await interruption.bound {
            let never = AsyncStream<Never> { _ in }
            for await _ in never {}
            return Task.isCancelled
        }
        #expect(outcome)
    }
}
