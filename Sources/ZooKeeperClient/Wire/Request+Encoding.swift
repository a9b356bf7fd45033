extension Request {
    var code: OperationCode {
        switch self {
        case .create(let parameters): parameters.code
        case .delete: .delete
        case .exists: .exists
        case .getData: .getData
        case .setData: .setData
        case .getChildren: .getChildren2
        case .sync: .sync
        case .getACL: .getACL
        case .setACL: .setACL
        case .multi: .multi
        case .addWatch: .addWatch
        }
    }

    /// The record behind the header, with server paths.
    ///
    /// `setsWatch` says whether the server is to leave a one-shot watch.
    func encodedBody(chroot: Chroot, setsWatch: Bool) -> [UInt8] {
        var writer = JuteWriter()
        switch self {
        case .create(let parameters):
            writer.write(parameters, chroot: chroot)
        case .delete(let path, let version):
            writer.write(chroot.outgoing(path))
            writer.write(version ?? -1)
        case .exists(let path, _), .getData(let path, _), .getChildren(let path, _):
            writer.write(chroot.outgoing(path))
            writer.write(setsWatch)
        case .setData(let path, let data, let version):
            writer.write(chroot.outgoing(path))
            writer.write(data)
            writer.write(version ?? -1)
        case .sync(let path), .getACL(let path):
            writer.write(chroot.outgoing(path))
        case .setACL(let path, let acl, let version):
            writer.write(chroot.outgoing(path))
            writer.write(acl)
            writer.write(version ?? -1)
        case .multi(let operations):
            for operation in operations {
                writer.write(operation, chroot: chroot)
            }
            writer.writeMultiHeader(code: -1, isLast: true)
        case .addWatch(let path, let scope, _):
            return Self.encodedAddWatch(chroot.outgoing(path), scope: scope)
        }
        return writer.bytes
    }

    static func encodedAddWatch(_ serverPath: String, scope: WatchScope) -> [UInt8] {
        var writer = JuteWriter()
        writer.write(serverPath)
        switch scope {
        case .node: writer.write(Int32(0))
        case .subtree: writer.write(Int32(1))
        }
        return writer.bytes
    }

    /// Removes all watches of the session at a path.
    static func encodedRemoveWatches(_ serverPath: String) -> [UInt8] {
        var writer = JuteWriter()
        writer.write(serverPath)
        writer.write(Int32(3))
        return writer.bytes
    }
}

extension CreateParameters {
    var code: OperationCode {
        switch mode {
        case .persistent, .persistentSequential, .ephemeral, .ephemeralSequential: .create2
        case .container: .createContainer
        case .persistentWithTTL, .persistentSequentialWithTTL: .createTTL
        }
    }

    fileprivate var flags: Int32 {
        switch mode {
        case .persistent: 0
        case .ephemeral: 1
        case .persistentSequential: 2
        case .ephemeralSequential: 3
        case .container: 4
        case .persistentWithTTL: 5
        case .persistentSequentialWithTTL: 6
        }
    }

    fileprivate var ttl: Duration? {
        switch mode {
        case .persistentWithTTL(let ttl), .persistentSequentialWithTTL(let ttl): ttl
        case .persistent, .persistentSequential, .ephemeral, .ephemeralSequential, .container: nil
        }
    }
}

extension JuteWriter {
    fileprivate mutating func write(_ parameters: CreateParameters, chroot: Chroot) {
        // A sequential node may be asked for as "/": its name is then digits only.
        let path =
            parameters.path == "/" && parameters.mode.isSequential
            ? chroot.outgoing("/") + (chroot.outgoing("/") == "/" ? "" : "/")
            : chroot.outgoing(parameters.path)
        write(path)
        write(parameters.data)
        write(parameters.acl)
        write(parameters.flags)
        if let ttl = parameters.ttl {
            write(ttl.wholeMilliseconds)
        }
    }

    fileprivate mutating func write(_ operation: MultiOperation, chroot: Chroot) {
        switch operation.kind {
        case .create(let parameters):
            writeMultiHeader(code: parameters.code.rawValue, isLast: false)
            write(parameters, chroot: chroot)
        case .set(let path, let data, let version):
            writeMultiHeader(code: OperationCode.setData.rawValue, isLast: false)
            write(chroot.outgoing(path))
            write(data)
            write(version ?? -1)
        case .delete(let path, let version):
            writeMultiHeader(code: OperationCode.delete.rawValue, isLast: false)
            write(chroot.outgoing(path))
            write(version ?? -1)
        case .check(let path, let version):
            writeMultiHeader(code: OperationCode.check.rawValue, isLast: false)
            write(chroot.outgoing(path))
            write(version)
        }
    }

    fileprivate mutating func writeMultiHeader(code: Int32, isLast: Bool) {
        write(code)
        write(isLast)
        write(Int32(-1))
    }
}
