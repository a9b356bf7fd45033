/// What a server answered to a ``Request``.
enum Response: Hashable, Sendable {
    case done
    case created(CreatedNode)
    case existence(Stat?)
    case data(NodeData)
    case stat(Stat)
    case children(NodeChildren)
    case acl(NodeACL)
    case multi(MultiResult)
}

extension Response {
    /// Reads the answer to `request`.
    ///
    /// - Returns: The answer, or the server's reason not to give one.
    /// - Throws: ``JuteError`` if the bytes are not such an answer.
    static func decode(
        answering request: Request,
        error: Int32,
        from reader: inout JuteReader,
        chroot: Chroot
    ) throws(JuteError) -> Result<Response, ZooKeeperError> {
        if case .multi(let operations) = request, reader.remaining > 0 {
            // A transaction that failed carries its results, whatever the header says.
            let result = try reader.readMulti(operations, chroot: chroot)
            return .success(.multi(result))
        }
        guard error == 0 else {
            let code = ZooKeeperError.Code(error)
            if case .exists = request, code == .noNode {
                return .success(.existence(nil))
            }
            return .failure(.answered(error).describing(request))
        }
        switch request {
        case .create:
            return .success(.created(try reader.readCreated(chroot: chroot)))
        case .delete, .sync, .addWatch:
            return .success(.done)
        case .exists:
            return .success(.existence(try reader.readStat()))
        case .getData:
            let data = try reader.readBuffer()
            return .success(.data(NodeData(data: data, stat: try reader.readStat())))
        case .setData, .setACL:
            return .success(.stat(try reader.readStat()))
        case .getChildren:
            let names = try reader.readStrings()
            return .success(.children(NodeChildren(names: names, stat: try reader.readStat())))
        case .getACL:
            let entries = try reader.readACL()
            return .success(.acl(NodeACL(entries: entries, stat: try reader.readStat())))
        case .multi(let operations):
            return .success(.multi(try reader.readMulti(operations, chroot: chroot)))
        }
    }
}

extension ZooKeeperError {
    /// The error for a code that a server sent.
    static func answered(_ number: Int32) -> Self {
        // Positive numbers are this client's own; no server has a reason to send one.
        let code = Code(number < 0 ? number : Code.systemError.number)
        return Self(
            code: code,
            outcome: code.leavesOutcomeOpen ? .unknown : .notDone,
            detail: number < 0 ? nil : "the server answered with error code \(number)"
        )
    }
}

extension JuteReader {
    fileprivate mutating func readCreated(chroot: Chroot) throws(JuteError) -> CreatedNode {
        let path = try readString()
        return CreatedNode(path: chroot.incoming(path) ?? path, stat: try readStat())
    }

    /// Results up to the header that says it is the last; one for each operation.
    fileprivate mutating func readMulti(
        _ operations: [MultiOperation],
        chroot: Chroot
    ) throws(JuteError) -> MultiResult {
        var results: [MultiOperationResult] = []
        var hasFailed = false
        while true {
            let code = try readInt32()
            let isLast = try readBool()
            let headerError = try readInt32()
            if isLast { break }
            guard results.count < operations.count else {
                throw .unknownValue("result number", Int32(clamping: results.count))
            }
            let operation = operations[results.count]
            guard code == -1 else {
                results.append(try readSuccess(code: code, of: operation, chroot: chroot))
                continue
            }
            let error = try readInt32()
            let number = error == 0 ? headerError : error
            if number == 0 {
                results.append(.rolledBack)
            } else if hasFailed, number == ZooKeeperError.Code.runtimeInconsistency.number {
                results.append(.notAttempted)
            } else {
                hasFailed = true
                var failure = ZooKeeperError.answered(number)
                failure.operation = "\(operation.name) in multi"
                failure.path = operation.path
                results.append(.failed(failure))
            }
        }
        guard results.count == operations.count else {
            throw .unknownValue("result count", Int32(clamping: results.count))
        }
        return MultiResult(results: results)
    }

    private mutating func readSuccess(
        code: Int32,
        of operation: MultiOperation,
        chroot: Chroot
    ) throws(JuteError) -> MultiOperationResult {
        let isExpected: Bool
        switch operation.kind {
        case .create: isExpected = Self.creations.contains(code)
        case .set: isExpected = code == OperationCode.setData.rawValue
        case .delete: isExpected = code == OperationCode.delete.rawValue
        case .check: isExpected = code == OperationCode.check.rawValue
        }
        guard isExpected else { throw .unknownValue("result type", code) }
        switch operation.kind {
        case .create:
            let path = try readString()
            // Servers up to 3.8 take all creations in a transaction for the oldest kind, which is
            // answered without a stat.
            if code != Self.plainCreate {
                _ = try readStat()
            }
            return .created(path: chroot.incoming(path) ?? path)
        case .set: return .set(try readStat())
        case .delete: return .deleted
        case .check: return .checked
        }
    }

    private static let plainCreate: Int32 = 1

    private static let creations: Set<Int32> = [
        plainCreate, OperationCode.create2.rawValue, OperationCode.createContainer.rawValue,
        OperationCode.createTTL.rawValue,
    ]
}
