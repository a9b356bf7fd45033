import ManateeCore
import ManateePorts

/// A cluster written to a file, which `MANATEE_ADM_TEST_STATE` names in place of a real one.
///
/// `{"state": <cluster state>, "postgres": {"<peer id>": <sighting>}}`, where a sighting is
/// `{"error": "<cause>"}` or
/// `{"replication": [<row of pg_stat_replication>], "lagSeconds": 7, "log": "0/3000148", "timeline": 1}`.
enum DetailsDump {
    /// The cluster that the file describes.
    static func read(_ data: [UInt8], from path: String) throws(AdmFailure) -> ClusterDetails {
        let dump = try StoredJSON.value(data, path)
        guard let state = dump["state"] else {
            throw AdmFailure.operation("\(path) has no \"state\"")
        }
        var details = ClusterDetails(state: try StoredJSON.state(state))
        if case .object(let sightings)? = dump["postgres"] {
            for (id, value) in sightings { details.postgres[PeerID(id)] = sighting(value) }
        }
        details.present = details.state.chain
        return details
    }

    private static func sighting(_ value: JSONValue) -> PostgresSighting {
        if let cause = value["error"]?.text { return .failed(cause: cause) }
        var report = PostgresReport()
        if case .array(let rows)? = value["replication"] { report.replication = rows.map(row) }
        if case .integer(let seconds)? = value["lagSeconds"] {
            report.replayLag = .seconds(seconds)
        }
        report.log = value["log"]?.text.flatMap { LSN($0) }
        if case .integer(let number)? = value["timeline"], let id = UInt32(exactly: number) {
            report.timeline = TimelineID(id)
        }
        return .answered(report)
    }

    private static func row(_ value: JSONValue) -> ReplicationRow {
        func position(_ name: String) -> LSN? { value[name]?.text.flatMap { LSN($0) } }
        return ReplicationRow(
            applicationName: value["application_name"]?.text,
            clientAddress: value["client_addr"]?.text,
            state: value["state"]?.text,
            syncState: value["sync_state"]?.text,
            sent: position("sent_lsn"),
            write: position("write_lsn"),
            flush: position("flush_lsn"),
            replay: position("replay_lsn")
        )
    }
}
