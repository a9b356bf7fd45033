/// The name by which peers are compared: `ip:postgresPort:backupPort`.
package struct PeerID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The text, for example `10.77.77.7:5432:12345`.
    package var text: String

    /// The peer that is called `text`.
    package init(_ text: String) {
        self.text = text
    }

    /// Orders names alphabetically, for output only: roles never follow from it.
    package static func < (left: PeerID, right: PeerID) -> Bool { left.text < right.text }

    /// The name itself.
    package var description: String { text }
}

/// The number of the reign of one (primary, sync) pair; 1 at first setup, then one more each time.
package struct Generation: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number.
    package var number: Int

    /// The generation with this number.
    package init(_ number: Int) {
        self.number = number
    }

    /// The generation after this one.
    package var next: Generation { Generation(number + 1) }

    /// Orders generations by number.
    package static func < (left: Generation, right: Generation) -> Bool {
        left.number < right.number
    }

    /// The number in decimal.
    package var description: String { String(number) }
}

/// The store's own version of the cluster state: it grows with each write, 0 included (rule S1).
package struct StateVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number that the store gives the version.
    package var number: Int64

    /// The version with this number.
    package init(_ number: Int64) {
        self.number = number
    }

    /// Orders versions by number.
    package static func < (left: StateVersion, right: StateVersion) -> Bool {
        left.number < right.number
    }

    /// The number in decimal.
    package var description: String { String(number) }
}

/// The identity of one effect, so that its result is told from a stale one.
package struct Attempt: Hashable, Sendable, CustomStringConvertible {
    /// Counts up within one process.
    package var number: Int

    /// The effect with this number.
    package init(_ number: Int) {
        self.number = number
    }

    /// The number, for example `#7`.
    package var description: String { "#\(number)" }
}

/// The number that `initdb` gives a database cluster; equal in all copies of one database.
package struct SystemIdentifier: Hashable, Sendable, CustomStringConvertible {
    /// The number.
    package var number: UInt64

    /// The database cluster with this number.
    package init(_ number: UInt64) {
        self.number = number
    }

    /// The number in decimal, as `pg_controldata` prints it.
    package var description: String { String(number) }
}
