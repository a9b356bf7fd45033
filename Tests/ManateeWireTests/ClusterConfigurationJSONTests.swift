import ManateeCore
import ManateeWire
import Testing

@Suite("The stored configuration of a shard")
struct ClusterConfigurationJSONTests {
    @Test func `is read back as it was written`() throws {
        let configuration = ClusterConfiguration(
            version: 3,
            parameters: ["work_mem": "64MB", "search_path": "\"a\", 'b'"],
            detection: DetectionOverride(profile: .fast, limits: ["silence": .milliseconds(1500)])
        )
        let bytes = ClusterConfigurationJSON.encode(configuration)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"failureDetection":{"profile":"fast","silence":"1500ms"},"#
                + #""postgresql":{"parameters":{"search_path":"\"a\", 'b'","work_mem":"64MB"}},"#
                + #""version":3}"#
        )
        #expect(try ClusterConfigurationJSON.decode(bytes) == configuration)
    }

    @Test func `may have numbers and truth values`() throws {
        let text = #"{"postgresql":{"parameters":{"jit":false,"MAX_connections":200}}}"#
        let configuration = try ClusterConfigurationJSON.decode(Array(text.utf8))
        #expect(configuration.parameters == ["jit": "off", "max_connections": "200"])
    }

    @Test(arguments: [
        ("hello", "the document is not JSON: at byte 0 found 'h', expected a value"),
        ("[]", "the document: found a list, expected a section with keys"),
        (
            #"{"postgres":{}}"#,
            "postgres: an unknown key; known are failureDetection, postgresql, version"
        ),
        (#"{"version":-1}"#, "version: found the number -1, expected a whole number"),
        (
            #"{"postgresql":{"parameters":{"a":[]}}}"#,
            "postgresql.parameters.a: found a list, expected one value"
        ),
    ])
    func `says what is wrong with it`(text: String, problem: String) {
        #expect {
            try ClusterConfigurationJSON.decode(Array(text.utf8))
        } throws: { error in
            "\(error)" == problem
        }
    }

    @Test func `tells everything that is wrong at once`() {
        let text = #"{"version":"x","postgresql":{"parameters":{"port":1,"fsync":false}}}"#
        #expect {
            try ClusterConfigurationJSON.decode(Array(text.utf8))
        } throws: { error in
            (error as? ClusterConfigurationFault)?.problems.count == 3
        }
    }
}
