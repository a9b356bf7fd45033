/// The environment variable that overrides a setting.
enum EnvironmentName {
    /// For `postgres.dataDirectory` it is `MANATEE_POSTGRES_DATA_DIRECTORY`.
    static func of(_ key: String) -> String {
        key.reduce(into: "MANATEE_") { name, character in
            if character == "." || character.isUppercase { name += "_" }
            if character != "." { name += character.uppercased() }
        }
    }
}
