/// What every frame from a server begins with once a session stands.
struct ReplyHeader: Hashable {
    /// The request that is answered, or one of ``ReservedXid``.
    var xid: Int32
    /// The last transaction that the server has seen; not positive if it does not say.
    var zxid: Int64
    /// 0, or why the request failed.
    var error: Int32

    init(from reader: inout JuteReader) throws(JuteError) {
        xid = try reader.readInt32()
        zxid = try reader.readInt64()
        error = try reader.readInt32()
    }
}
