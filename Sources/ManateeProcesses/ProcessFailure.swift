import Glibc

/// The system refused something that has to do with a child.
package struct ProcessFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was attempted, such as "start /bin/true".
    package var attempt: String
    /// The system's error number.
    package var number: Int32

    /// What was attempted, and why it was refused.
    package var description: String { "cannot \(attempt): \(String(cString: strerror(number)))" }
}
