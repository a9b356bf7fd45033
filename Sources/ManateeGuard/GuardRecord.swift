/// What a guard did, and why: a line for the log, kept until a sitter reads it.
package struct GuardRecord: Equatable, Sendable {
    /// Why a guard stops a server.
    package enum Cause: String, Sendable {
        /// The sitter's process ended, and no other came.
        case dead = "the sitter is dead"
        /// The sitter's process exists, and said nothing.
        case silent = "the sitter stands still"
    }

    /// Why.
    package var cause: Cause
    /// What was guarded, and for how long it could run alone.
    package var order: GuardOrder
    /// What became of the server.
    package var stop: ServerStop.Outcome
    /// The guard's own process.
    package var pid: Int32
    /// When, as `2026-11-22T17:37:58.429Z`.
    package var time: String

    /// A record of these.
    package init(
        cause: Cause,
        order: GuardOrder,
        stop: ServerStop.Outcome,
        pid: Int32,
        time: String
    ) {
        self.cause = cause
        self.order = order
        self.stop = stop
        self.pid = pid
        self.time = time
    }

    /// The record as a line of JSON in the form of the sitter's log, with the line's end.
    package var line: String {
        let postgres =
            switch stop {
            case .nothingRan: #""postgres.pid":null"#
            case .stopped(let pid): #""postgres.pid":\#(pid),"postgres.signal":"SIGQUIT""#
            case .killed(let pid): #""postgres.pid":\#(pid),"postgres.signal":"SIGKILL""#
            }
        return #"{"v":0,"level":40,"name":"manatee-guard","pid":\#(pid),"time":"\#(time)","#
            + #""msg":"stopped postgres, which nobody was in charge of","#
            + #""reason":"\#(cause.rawValue)","limit.milliseconds":\#(order.limit.milliseconds),"#
            + #""sitter":\#(Self.quoted(order.sitter)),"#
            + #""postgres.dataDirectory":\#(Self.quoted(order.dataDirectory)),\#(postgres)}"# + "\n"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let hexadecimal = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
