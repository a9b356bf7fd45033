import Testing

/// Whole shards that keep the disk of the machine busy with file systems of their own: one at a time,
/// since a write that waits for that disk waits for all of them.
@Suite("Shards with disks of their own", .serialized)
enum ShardsWithDisks {}
