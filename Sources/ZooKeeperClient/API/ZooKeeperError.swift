/// What went wrong with one operation, or with the whole session.
///
/// `code` says why, `outcome` says whether the operation can have taken effect: a program that
/// repeats a write must look at the latter.
public struct ZooKeeperError: Error, Hashable, Sendable {
    /// What is known about the effect of a failed operation.
    public enum Outcome: Hashable, Sendable {
        /// The operation had no effect and will not have one.
        case notDone
        /// The operation may have been carried out, or may still be.
        case unknown
    }

    /// Why the operation failed.
    public var code: Code

    /// The operation's name, such as `create`; nil if the error belongs to the session.
    public var operation: String?

    /// The node's path as the caller gave it; nil if there is none.
    public var path: String?

    /// Whether the operation can have taken effect.
    public var outcome: Outcome

    /// What was seen, for a human; nil if the code says it all.
    public var detail: String?

    /// An error with all of its parts.
    public init(
        code: Code,
        operation: String? = nil,
        path: String? = nil,
        outcome: Outcome = .notDone,
        detail: String? = nil
    ) {
        self.code = code
        self.operation = operation
        self.path = path
        self.outcome = outcome
        self.detail = detail
    }

    /// Whether the operation may have been carried out although it failed for the caller.
    public var outcomeUnknown: Bool { outcome == .unknown }
}

extension ZooKeeperError: CustomStringConvertible {
    /// The error as one sentence: what was attempted, on what, and what was seen.
    public var description: String {
        var text = ""
        if let operation {
            text += path.map { "\(operation) of \($0): " } ?? "\(operation): "
        } else if let path {
            text += "\(path): "
        }
        text += code.explanation
        if let detail {
            text += " (\(detail))"
        }
        if outcome == .unknown {
            text += "; whether it took effect is not known"
        }
        return text
    }
}

extension ZooKeeperError {
    /// This error with the operation and path filled in where they are missing.
    func describing(_ request: Request) -> Self {
        var copy = self
        copy.operation = operation ?? request.name
        copy.path = path ?? request.path
        return copy
    }
}
