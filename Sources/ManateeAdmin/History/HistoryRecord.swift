package import ManateeCore
package import ManateePorts

/// One entry of a shard's history, understood as far as possible.
package struct HistoryRecord: Equatable, Sendable {
    /// What an entry holds.
    package enum Content: Equatable, Sendable {
        /// The cluster state after a write.
        case state(ClusterState)
        /// An event of Manatee 1, which wrote its facts into the entry's name.
        case version1(Version1Event)
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
        if let event = Version1Event(name: entry.name) {
            self.init(
                sequence: event.sequence,
                milliseconds: event.milliseconds,
                content: .version1(event),
                data: entry.data
            )
            return
        }
        let sequence = entry.name.split(separator: "-").last.map(String.init) ?? entry.name
        let content: Content
        do {
            content = .state(try StoredJSON.state(entry.data))
        } catch {
            content = .unreadable(error.message)
        }
        self.init(
            sequence: sequence,
            milliseconds: entry.createdMilliseconds,
            content: content,
            data: entry.data
        )
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

/// An event as Manatee 1 recorded it: in the name
/// `<epoch ms>-<ip>-<action>-<role>-<master>-<slave>-<sequence>`, without a cluster state.
package struct Version1Event: Equatable, Sendable {
    /// When it happened, in milliseconds since 1970.
    package var milliseconds: Int64
    /// The address of the peer that recorded it.
    package var ip: String
    /// What happened, for example `AssumeLeader`.
    package var action: String
    /// The peer's role afterwards; empty if unknown.
    package var role: String
    /// The peer it replicated from; empty if none.
    package var master: String
    /// The peer that replicated from it; empty if none.
    package var slave: String
    /// The store's sequence number.
    package var sequence: String

    /// The event that an entry's name tells of; nil for a name of Manatee 2.
    package init?(name: String) {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 2 else { return nil }
        let facts = parts.map { $0 == "null" || $0 == "undefined" ? "" : $0 }
        func fact(_ place: Int) -> String { place < facts.count ? facts[place] : "" }
        milliseconds = Int64(fact(0)) ?? 0
        ip = fact(1)
        action = fact(2)
        role = fact(3)
        master = fact(4)
        slave = fact(5)
        sequence = fact(6)
    }
}
