/// What a server's sitter said of it.
package struct ServerReport: Equatable, Sendable {
    /// Whether the server admits applications that write.
    package enum Admission: Equatable, Sendable {
        /// It does, since its sitter has seen that its sync has everything, in this generation.
        case open(generation: Int)
        /// It is no primary, or not ready to be one: it would let applications in, as a standby does.
        case unready
        /// Its gate is closed: it would turn applications away.
        case gated
        /// The sitter does not tell, as one of Manatee 2 does not.
        case untold
    }

    /// Whether the server admits applications that write.
    package var admission: Admission
    /// The end of the log that the server has, in bytes; nil if that is not known.
    package var position: UInt64?

    /// A report with these facts.
    package init(admission: Admission, position: UInt64?) {
        self.admission = admission
        self.position = position
    }
}
