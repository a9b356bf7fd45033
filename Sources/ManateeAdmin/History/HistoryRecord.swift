package import ManateeCore
package import ManateePorts
package import ManateeWire

/// One entry of a shard's history, understood as far as possible.
package struct HistoryRecord: Equatable, Sendable {
    /// What an entry holds.
    package enum Content: Equatable, Sendable {
        /// The cluster state after a write.
        case state(ClusterState)
        /// An event of Manatee 1, which wrote its facts into the entry's name.
        case version1(HistoryName.Version1)
        /// Nothing that can be understood, and why.
        case unreadable(String)
    }

    /// The sequence number that the store gave the entry, with its leading zeros.
    package var sequence: String
    /// When it was written, in milliseconds since 1970.
    package var milliseconds: Int64
    /// What it holds.
    package var content: Content
    /// The bytes as they are stored.
    package var data: [UInt8]

    /// The entry with this sequence number.
    package init(sequence: String, milliseconds: Int64, content: Content, data: [UInt8] = []) {
        self.sequence = sequence
        self.milliseconds = milliseconds
        self.content = content
        self.data = data
    }

    /// What the store's entry tells.
    package init(_ entry: HistoryEntry) {
        let name = HistoryName(entry.name)
        var milliseconds = entry.createdMilliseconds
        let content: Content
        switch name {
        case .version1(let event):
            milliseconds = event.milliseconds ?? milliseconds
            content = .version1(event)
        case .state:
            do {
                content = .state(try StoredJSON.state(entry.data))
            } catch {
                content = .unreadable(error.message)
            }
        }
        self.init(
            sequence: name.sequence,
            milliseconds: milliseconds,
            content: content,
            data: entry.data
        )
    }

    /// The cluster state after the write; nil if there is none to be read.
    package var state: ClusterState? {
        if case .state(let state) = content { state } else { nil }
    }

    /// By what a history is ordered.
    package enum Order: String, CaseIterable, Sendable {
        /// The store's sequence numbers.
        case zkSeq
        /// The time of writing.
        case time
    }

    /// The records in this order; those that compare equal stay as they are.
    package static func sorted(_ records: [HistoryRecord], by order: Order) -> [HistoryRecord] {
        let keyed = records.enumerated().map { place, record in
            switch order {
            case .zkSeq: (Int64(record.sequence) ?? 0, place, record)
            case .time: (record.milliseconds, place, record)
            }
        }
        return keyed.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
    }
}
