import ManateeJournal

/// Writes metrics as text, family by family.
struct MetricsText {
    typealias Labels = [(name: String, value: String)]

    let form: MetricsForm
    /// Labels that every sample carries.
    let shared: Labels
    private(set) var text = ""

    init(_ form: MetricsForm, shared: Labels) {
        self.form = form
        self.shared = shared
    }

    /// One value that goes up and down; nothing if it is not known.
    mutating func gauge(_ name: String, _ help: String, _ value: (some MetricValue)?) {
        guard let value else { return }
        gauges(name, help, [([], value)])
    }

    /// One value for each set of labels; nothing if there are none.
    mutating func gauges(
        _ name: String,
        _ help: String,
        _ samples: [(labels: Labels, value: some MetricValue)]
    ) {
        guard !samples.isEmpty else { return }
        head(name, "gauge", help)
        for sample in samples { line(name, sample.labels, sample.value.metricText) }
    }

    /// Values that only grow; `name` is without `_total`.
    mutating func counters(
        _ name: String,
        _ help: String,
        _ samples: [(labels: Labels, value: some MetricValue)]
    ) {
        guard !samples.isEmpty else { return }
        switch form {
        case .prometheus: head(name + "_total", "counter", help)
        case .openMetrics: head(name, "counter", help)
        }
        for sample in samples { line(name + "_total", sample.labels, sample.value.metricText) }
    }

    /// One histogram for each set of labels, in seconds.
    mutating func histograms(
        _ name: String,
        _ help: String,
        _ samples: [(labels: Labels, value: DurationHistogram)]
    ) {
        guard !samples.isEmpty else { return }
        head(name, "histogram", help)
        for (labels, histogram) in samples {
            for (bound, count) in zip(DurationHistogram.bounds, histogram.counts) {
                line(name + "_bucket", labels + [("le", bound.metricText)], count.metricText)
            }
            line(name + "_bucket", labels + [("le", "+Inf")], histogram.count.metricText)
            line(name + "_sum", labels, (histogram.sum / .seconds(1)).metricText)
            line(name + "_count", labels, histogram.count.metricText)
        }
    }

    /// The whole text; nothing can be added afterwards.
    func finished() -> String {
        switch form {
        case .prometheus: text
        case .openMetrics: text + "# EOF\n"
        }
    }

    private mutating func head(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func line(_ name: String, _ labels: Labels, _ value: String) {
        let all = (shared + labels).map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
        text += "\(name){\(all.joined(separator: ","))} \(value)\n"
    }

    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            case _: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// What can be the value of a sample.
protocol MetricValue {
    var metricText: String { get }
}

extension Int: MetricValue {
    var metricText: String { String(self) }
}

extension Int64: MetricValue {
    var metricText: String { String(self) }
}

extension UInt64: MetricValue {
    var metricText: String { String(self) }
}

extension Bool: MetricValue {
    var metricText: String { self ? "1" : "0" }
}

extension Double: MetricValue {
    var metricText: String {
        if let whole = Int64(exactly: self) { return String(whole) }
        return String(self)
    }
}
