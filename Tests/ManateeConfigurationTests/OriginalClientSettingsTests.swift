import Testing

@testable import ManateeConfiguration

@Suite("The configuration of a program that uses a shard of Manatee 2")
struct OriginalClientSettingsTests {
    private func read(_ text: String) throws -> OriginalClientSettings {
        try OriginalClientSettings(text: text, file: "config.json")
    }

    @Test func `is found at any depth`() throws {
        let settings = try read(
            """
            {"port": 2020, "// ": "a comment", "db": [1, {"manatee": {
              "path": "/manatee/1.moray/",
              "zk": {"connStr": "10.0.0.1:2181,10.0.0.2:2181",
                     "opts": {"sessionTimeout": 60000, "spinDelay": 1000, "retries": 60}}
            }}]}
            """
        )
        #expect(settings.path == "/manatee/1.moray")
        #expect(settings.servers == "10.0.0.1:2181,10.0.0.2:2181")
        #expect(settings.sessionTimeout == .seconds(60))
    }

    @Test func `is the last one of several`() throws {
        let settings = try read(
            """
            {"a": {"path": "/manatee/1", "zk": {"connStr": "h:1"}},
             "b": {"path": "/manatee/2", "zk": {"connStr": "h:2"}},
             "c": {"path": "/no/zk"}}
            """
        )
        #expect(settings == (try read(#"{"path": "/manatee/2", "zk": {"connStr": "h:2"}}"#)))
    }

    @Test(arguments: [
        ("{}", "no section with both path and zk"),
        (#"{"path": "/manatee/1"}"#, "no section with both path and zk"),
        (#"{"path": "manatee/1", "zk": {"connStr": "h:1"}}"#, "expected an absolute path"),
        (#"{"path": "/manatee/1", "zk": {}}"#, "zk.connStr: found nothing"),
        (#"{"path": "/manatee/1", "zk": {"connStr": "h:x"}}"#, "zk.connStr"),
        ("{", "config.json:1"),
    ])
    func `says what is wrong`(text: String, words: String) {
        let error = #expect(throws: InvalidConfiguration.self) { try read(text) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }
}
