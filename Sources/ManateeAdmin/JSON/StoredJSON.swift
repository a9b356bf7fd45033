import ManateeCore
import ManateeWire

/// What the store holds, read on behalf of an operator: whatever is wrong is a failure to report.
enum StoredJSON {
    /// The JSON in `data`; `what` names it in the failure.
    static func value(_ data: [UInt8], _ what: String) throws(AdmFailure) -> JSONValue {
        do {
            return try JSONText.parse(data, document: what)
        } catch {
            throw AdmFailure.operation(error.description)
        }
    }

    /// The cluster state in `data`.
    static func state(_ data: [UInt8]) throws(AdmFailure) -> ClusterState {
        try state(value(data, "the cluster state"))
    }

    /// The cluster state that `value` describes.
    static func state(_ value: JSONValue) throws(AdmFailure) -> ClusterState {
        do {
            return try ClusterStateJSON.decode(value)
        } catch {
            throw AdmFailure.operation(error.description)
        }
    }

    /// The JSON in `data` in one line, byte by byte as it is stored if it is in one line there.
    static func oneLine(_ data: [UInt8], what: String) throws(AdmFailure) -> String {
        let value = try value(data, what)
        let isOneLine = !data.contains(UInt8(ascii: "\n")) && !data.contains(UInt8(ascii: "\r"))
        return isOneLine ? String(decoding: data, as: UTF8.self) : JSONText.text(value)
    }
}
