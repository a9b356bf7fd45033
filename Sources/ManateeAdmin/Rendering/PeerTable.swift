import ManateeCore

/// The peers of a cluster as a table, or as JSON.
package struct PeerTable: Sendable {
    /// The columns from left to right.
    package var columns: [PeerColumn]
    /// The only role to show; nil shows all.
    package var role: MemberRole?
    /// Whether the row of labels is left out.
    package var omitHeader: Bool

    /// A table of these columns, of all peers or those with one role.
    package init(columns: [PeerColumn], role: MemberRole? = nil, omitHeader: Bool = false) {
        self.columns = columns
        self.role = role
        self.omitHeader = omitHeader
    }

    /// The table for one cluster.
    package func text(_ details: ClusterDetails) -> String {
        let rows = members(of: details).map { member in
            columns.map { $0.value(of: member, in: details) }
        }
        return Table(columns: columns.map(\.layout), rows: rows).text(omitHeader: omitHeader)
    }

    /// The peers that the table shows, in its order.
    package func members(of details: ClusterDetails) -> [ClusterMember] {
        details.members.filter { role == nil || $0.role == role }
    }
}
