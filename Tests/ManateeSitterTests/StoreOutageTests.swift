import Logging
import ManateeCore
import ManateePorts
import Synchronization
import Testing

@testable import ManateeSitter

@Suite("An outage of the store")
struct StoreOutageTests {
    private func reports(_ connected: [Bool]) -> [StoreOutage.Report] {
        var outage = StoreOutage(firstReport: .seconds(3), longestPause: .seconds(300))
        return connected.map { outage.look(connected: $0, .seconds(1)) }
    }

    @Test func `is told at a decreasing rate, at least every five minutes`() {
        let told = reports(Array(repeating: false, count: 2000)).compactMap { report -> Duration? in
            if case .away(let duration) = report { duration } else { nil }
        }
        #expect(
            told
                == [3, 6, 12, 24, 48, 96, 192, 384, 684, 984, 1284, 1584, 1884].map {
                    .seconds($0)
                }
        )
    }

    @Test func `is not told if it is short`() {
        #expect(reports([true, false, false, true]).allSatisfy { $0 == .nothing })
    }

    @Test func `is told to be over if it was told at all`() {
        let told = reports([false, false, false, false, true, true, false, false, false])
        #expect(
            told == [
                .nothing, .nothing, .away(.seconds(3)), .nothing, .back(.seconds(4)), .nothing,
                .nothing, .nothing, .away(.seconds(3)),
            ]
        )
    }
}
