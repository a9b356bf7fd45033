/// The proxy's figures as OpenMetrics text.
enum ProxyMetrics {
    /// The whole text; `storeCurrent` says whether the topology is followed, and not only remembered.
    static func text(_ state: ProxyHub.State, storeCurrent: Bool) -> String {
        var page = MetricsPage()
        let routing = state.routing
        let counters = state.counters
        page.gauge("generation", "The generation in force.", routing.topology?.generation ?? 0)
        page.gauge(
            "store_current",
            "Whether the topology is followed (1) or the last one that was known (0).",
            storeCurrent ? 1 : 0
        )
        page.family("clients", "gauge", "Clients of each port.", by: "listener") {
            ProxyListener.allCases.map { ($0.rawValue, state.sockets[$0, default: 0]) }
        }
        page.gauge("held", "Clients that wait for a server.", routing.held.count)
        let backends = routing.topology?.all ?? []
        page.family("server_connections", "gauge", "Clients led to each server.", by: "server") {
            backends.map { ($0.description, routing.connections[$0, default: 0]) }
        }
        page.family("server_lag_bytes", "gauge", "Log that each standby lacks.", by: "server") {
            (routing.topology?.standbys ?? []).compactMap { standby in
                routing.lag(of: standby).map { (standby.description, Int(clamping: $0)) }
            }
        }
        page.family("accepted", "counter", "Sockets accepted.", by: "listener") {
            ProxyListener.allCases.map { ($0.rawValue, counters.accepted[$0, default: 0]) }
        }
        page.family("refused", "counter", "Clients sent away.", by: "reason") {
            Refusal.allCases.map { ($0.rawValue, counters.refused[$0, default: 0]) }
        }
        page.counter("released", "Clients led to a server after a wait.", counters.released)
        page.counter(
            "held_milliseconds",
            "How long those had waited, together.",
            counters.heldTime.milliseconds
        )
        page.counter("cut", "Clients cut because their server was replaced.", counters.cut)
        page.counter(
            "connect_failures",
            "Connections to servers that failed.",
            counters.connectFailures
        )
        page.counter(
            "turned_away",
            "Servers that would not have a client yet.",
            counters.turnedAway
        )
        page.counter("cancels_forwarded", "Cancel requests passed on.", counters.cancelsForwarded)
        page.counter("cancels_unknown", "Cancel requests for nobody.", counters.cancelsUnknown)
        page.counter(
            "bytes_to_servers",
            "Bytes from clients whose sessions are over.",
            counters.bytesToServers
        )
        page.counter(
            "bytes_to_clients",
            "Bytes from servers in sessions that are over.",
            counters.bytesToClients
        )
        return page.text + "# EOF\n"
    }
}

/// A page of OpenMetrics, written family by family.
struct MetricsPage {
    private static let prefix = "manatee_proxy_"
    private(set) var text = ""

    mutating func gauge(_ name: String, _ help: String, _ value: Int) {
        head(name, "gauge", help)
        text += "\(Self.prefix)\(name) \(value)\n"
    }

    mutating func counter(_ name: String, _ help: String, _ value: Int) {
        head(name, "counter", help)
        text += "\(Self.prefix)\(name)_total \(value)\n"
    }

    mutating func family(
        _ name: String,
        _ type: String,
        _ help: String,
        by label: String,
        _ values: () -> [(String, Int)]
    ) {
        head(name, type, help)
        let suffix = type == "counter" ? "_total" : ""
        for (key, value) in values() {
            text += "\(Self.prefix)\(name)\(suffix){\(label)=\"\(key)\"} \(value)\n"
        }
    }

    private mutating func head(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(Self.prefix)\(name) \(help)\n# TYPE \(Self.prefix)\(name) \(type)\n"
    }
}

extension Duration {
    /// Whole milliseconds.
    fileprivate var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
