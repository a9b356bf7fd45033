import ManateePorts
import Testing

@testable import ManateeStorage

@Suite("What zfs is told, and what it says")
struct ZFSOutputTests {
    @Test func `snapshots are in the order of their transactions`() throws {
        let properties = ZFSProperties(try captured("zfs-fuse-0.7.0-get"))
        let snapshots = properties.snapshots(of: "tank/data")
        #expect(snapshots.map(\.name) == ["1700000000001", "operator"])
        #expect(
            snapshots.first?.facts
                == ZFSProperties.SnapshotFacts(
                    transaction: 14,
                    createdSeconds: 1_795_370_773,
                    usedBytes: 90_112,
                    referencedBytes: 4_317_184,
                    holds: 1
                )
        )
        #expect(properties.value("userrefs", of: "tank/data") == nil)
        #expect(properties.snapshots(of: "tank/dat").isEmpty)
    }

    @Test func `a value may hold blanks and tabs`() {
        let properties = ZFSProperties("tank/d\tmountpoint\t/srv/m x\ty\nnonsense\n")
        #expect(properties.value("mountpoint", of: "tank/d") == "/srv/m x\ty")
    }

    @Test func `clones are found by where they come from`() {
        let properties = ZFSProperties("t/a\torigin\t-\nt/b\torigin\tt/a@s\nt/c\torigin\tt/a@s2\n")
        #expect(properties.clones(of: "t/a@s") == ["t/b"])
    }

    @Test func `versions differ in what they can`() throws {
        let old = ZFSUsage(try captured("zfs-fuse-0.7.0-usage"))
        #expect(!old.resumableReceive)
        #expect(old.has("i", in: "send"))
        #expect(!old.has("p", in: "list"))
        #expect(old.offersDelegation)
        let new = ZFSUsage(try captured("openzfs-2-usage"))
        #expect(new.resumableReceive)
        #expect(new.has("p", in: "list"))
        #expect(!ZFSUsage("zfs: not found").offersDelegation)
    }

    @Test(arguments: [
        ("cannot open 'mtcap/data': dataset does not exist", StorageFailure.Kind.missing),
        ("cannot destroy 'a@b': dataset is busy", .inUse),
        ("cannot unmount '/m': umount failed\numount: /m: target is busy.", .inUse),
        ("cannot destroy 'a@b': snapshot has dependent clones\nuse '-R' to", .hasClones),
        ("cannot rollback to 'a@b': more recent snapshots exist", .newerSnapshots),
        ("cannot receive: failed to read from stream", .badStream),
        ("cannot receive: invalid backup stream", .badStream),
        ("cannot receive new filesystem stream: out of space", .noSpace),
        (
            "cannot receive incremental stream: most recent snapshot of a does not\n"
                + "match incremental source", .noCommonSnapshot
        ),
        ("cannot create snapshot 'a@b': dataset already exists", .exists),
        ("cannot create 'a/b': permission denied", .notPermitted),
        ("something new", .failed),
    ])
    func `messages have a kind`(message: String, kind: StorageFailure.Kind) {
        #expect(ZFSMessage.kind(message) == kind)
    }

    @Test func `command lines are lists of words`() {
        let zfs = ZFSCommands(path: "/usr/sbin/zfs")
        #expect(
            zfs.create("t/d", mountpoint: "/srv/m x").arguments
                == ["create", "-p", "-o", "canmount=noauto", "-o", "mountpoint=/srv/m x", "t/d"]
        )
        #expect(zfs.send("t/d@2", since: "t/d@1").arguments == ["send", "-i", "t/d@1", "t/d@2"])
        #expect(zfs.send("t/d@2", since: nil).arguments == ["send", "t/d@2"])
        #expect(
            zfs.receive("t/d@2", ontoExisting: true).arguments == [
                "receive", "-u", "-F", "t/d@2",
            ]
        )
        // Never forced, never recursive: what is in use stays.
        #expect(zfs.destroy("t/d@2").arguments == ["destroy", "t/d@2"])
        #expect(zfs.unmount("t/d").arguments == ["unmount", "t/d"])
        #expect(zfs.rollback("t/d@1").arguments == ["rollback", "t/d@1"])
        #expect(
            zfs.properties(["used"], of: "t/d").arguments == [
                "get", "-Hp", "-o", "name,property,value", "used", "t/d",
            ]
        )
    }
}
