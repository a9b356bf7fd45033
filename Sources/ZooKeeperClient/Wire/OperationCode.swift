/// The protocol's number of each request that this client sends.
enum OperationCode: Int32 {
    case delete = 2
    case exists = 3
    case getData = 4
    case setData = 5
    case getACL = 6
    case setACL = 7
    case sync = 9
    case ping = 11
    case getChildren2 = 12
    case check = 13
    case multi = 14
    case create2 = 15
    case removeWatches = 18
    case createContainer = 19
    case createTTL = 21
    case closeSession = -11
    case auth = 100
    case setWatches = 101
    case setWatches2 = 105
    case addWatch = 106
}

/// The numbers that stand for what is not a reply to a numbered request.
enum ReservedXid {
    static let watchEvent: Int32 = -1
    static let ping: Int32 = -2
    static let auth: Int32 = -4
    static let setWatches: Int32 = -8
}
