import ManateeCore
import Testing

@Suite("A shard's configuration")
struct ClusterConfigurationTests {
    @Test func `comes before a peer's own parameters, whatever their case`() {
        let shared = ClusterConfiguration(version: 1, parameters: ["work_mem": "64MB"])
        #expect(
            shared.parameters(over: ["Work_Mem": "4MB", "jit": "off"])
                == ["work_mem": "64MB", "jit": "off"]
        )
        #expect(ClusterConfiguration().parameters(over: ["jit": "off"]) == ["jit": "off"])
    }

    @Test(arguments: [
        "synchronous_standby_names", "wal_level", "primary_conninfo", "recovery_target_lsn",
        "hot_standby", "port", "listen_addresses", "hba_file", "fsync", "Data_Directory",
    ])
    func `refuses what Manatee owns, with the reason`(name: String) throws {
        let problem = try #require(ParameterRule.problem(with: name, "1"))
        #expect(problem.hasPrefix("postgres parameter `\(name)` is set by Manatee and cannot be "))
        #expect(problem.contains("("))
    }

    @Test func `may make commits safer, but not less safe`() {
        #expect(ParameterRule.problem(with: "synchronous_commit", "remote_apply") == nil)
        #expect(ParameterRule.problem(with: "synchronous_commit", "local") != nil)
    }

    @Test(arguments: [
        ("work mem", "1"), ("", "1"), ("1a", "1"), ("work_mem", "1\nfsync = off"),
        ("max_connections", "19"),
    ])
    func `refuses what no file could hold`(name: String, value: String) {
        #expect(ParameterRule.problem(with: name, value) != nil)
    }

    @Test func `sets limits of failure detection, but not how often peers beat`() {
        var own = FailureDetection(.conservative)
        own.beatInterval = .milliseconds(200)
        let change = DetectionOverride(profile: .fast, limits: ["silence": .milliseconds(1500)])
        let merged = change.applied(to: own)
        #expect(merged.beatInterval == .milliseconds(200))
        #expect(merged.silence == .milliseconds(1500))
        #expect(merged.calm == FailureDetection(.fast).calm)
        #expect(DetectionOverride().applied(to: own) == own)
        #expect(DetectionOverride(limits: ["beatInterval": .seconds(1)]).problems.count == 1)
        #expect(DetectionOverride(limits: ["silense": .seconds(1)]).problems.count == 1)
        #expect(DetectionOverride(limits: ["silence": .milliseconds(1)]).problems.count == 1)
        #expect(
            DetectionOverride(profile: .fast, limits: ["calm": .seconds(20)]).problems.count == 1
        )
    }

    @Test(arguments: [
        ("64MB", true), ("65536", true), ("65536kB", true), ("0.0625GB", true), ("64 MB", true),
        ("63MB", false), ("64ms", false), ("much", false),
    ])
    func `knows a size however it is written`(text: String, isSame: Bool) {
        let workMem = ServerParameter(
            name: "work_mem",
            setting: "65536",
            unit: "kB",
            kind: .integer
        )
        #expect(workMem.isSet(to: text) == isSame)
    }

    @Test func `tells values as a file has them`() {
        let buffers = ServerParameter(
            name: "shared_buffers",
            setting: "16384",
            unit: "8kB",
            kind: .integer,
            minimum: 16,
            maximum: 1_073_741_823
        )
        #expect(buffers.text == "131072kB")
        #expect(buffers.isSet(to: "128MB"))
        #expect(buffers.problem(with: "64kB") != nil)
        #expect(buffers.problem(with: "1GB") == nil)
        let jit = ServerParameter(name: "jit", setting: "on", kind: .bool)
        #expect(jit.isSet(to: "TRUE"))
        #expect(jit.problem(with: "perhaps") != nil)
        let version = ServerParameter(
            name: "server_version",
            setting: "15",
            kind: .string,
            context: "internal"
        )
        #expect(version.problem(with: "16") != nil)
    }
}
