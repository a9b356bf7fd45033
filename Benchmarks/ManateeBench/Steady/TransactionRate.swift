import Foundation

/// What one slice of pgbench came to.
struct TransactionRate: Sendable {
    /// Transactions per second.
    var transactions: Double
    /// The mean latency in milliseconds.
    var latency: Double

    /// What pgbench printed; nil if it is not its report.
    init?(report: String) {
        func number(_ before: String, in line: String) -> Double? {
            guard let start = line.range(of: before)?.upperBound else { return nil }
            return line[start...].split(separator: " ").first.flatMap { Double($0) }
        }
        var transactions: Double?
        var latency: Double?
        for line in report.split(separator: "\n").map(String.init) {
            transactions = transactions ?? number("tps = ", in: line)
            latency = latency ?? number("latency average = ", in: line)
        }
        guard let transactions, let latency else { return nil }
        self.transactions = transactions
        self.latency = latency
    }
}
