/// What a client says it wants to read.
struct Accepted {
    private let ranges: [String: Double]

    /// The header `Accept`; nil: anything.
    init(_ header: String?) {
        var ranges: [String: Double] = [:]
        for part in (header ?? "").split(separator: ",").prefix(32) {
            let pieces = part.split(separator: ";").map {
                $0.drop { $0 == " " }.lowercased()
            }
            guard let type = pieces.first?.split(separator: " ").first else { continue }
            let quality = pieces.dropFirst().first { $0.hasPrefix("q=") }
                .flatMap { Double($0.dropFirst(2)) }
            ranges[String(type)] = quality ?? 1
        }
        self.ranges = ranges
    }

    /// Whether it is a browser: `curl` and scripts do not name HTML.
    var prefersHTML: Bool {
        guard let html = ranges["text/html"] ?? ranges["application/xhtml+xml"], html > 0
        else { return false }
        return html >= ranges["text/plain"] ?? 0
    }

    /// Whether it names JSON: `curl` does not, unless it is told to.
    var asksForJSON: Bool { (ranges["application/json"] ?? 0) > 0 }

    /// The form in which a scraper wants its metrics.
    var metricsForm: MetricsForm {
        (ranges["application/openmetrics-text"] ?? 0) > 0 ? .openMetrics : .prometheus
    }
}
