/// Why a local shard does not run.
package enum DevShardFailure: Error, CustomStringConvertible {
    /// Another process runs it now.
    case running(directory: String, pid: Int32)
    /// It was made with another number of ZooKeeper servers.
    case otherStoreSize(directory: String, has: Int)
    /// A sitter ended by itself.
    case sitterEnded(peer: Int, exit: ChildProcess.Exit, log: String)
    /// A program of this project was not found.
    case programMissing(path: String)

    /// What was attempted, what was seen, and what to do.
    package var description: String {
        switch self {
        case .running(let directory, let pid):
            """
            the shard in \(directory) is running already, by process \(pid); stop it with Ctrl-C \
            there, or with: manatee-dev down --dir \(directory)
            """
        case .otherStoreSize(let directory, let has):
            """
            the shard in \(directory) was made with \(has) ZooKeeper server(s); start it with \
            --store-nodes \(has), or remove it: manatee-dev destroy --dir \(directory)
            """
        case .sitterEnded(let peer, let exit, let log):
            "the sitter of peer \(peer) ended by itself with \(exit)\n\(log)"
        case .programMissing(let path):
            "\(path) is missing; run `make build`"
        }
    }
}
