/// What an operator should know about an original file that can be used.
enum OriginalJSONWarnings {
    /// Keys of the original's that mean nothing here: old ones, and ones for its way of sending,
    /// finding and configuring postgres.
    private static let withoutEffect: Set<String> = [
        "ttl", "zkCfg.opts.spinDelay", "zkCfg.opts.retries", "postgresMgrCfg.dataConfig",
        "postgresMgrCfg.defaultVersion", "postgresMgrCfg.pgBaseDir", "postgresMgrCfg.versions",
        "postgresMgrCfg.snapShotterCfg", "postgresMgrCfg.zfsClientCfg",
        "postgresMgrCfg.zfsClientCfg.parentDataset", "postgresMgrCfg.zfsClientCfg.snapshotDir",
        "postgresMgrCfg.zfsClientCfg.pollInterval", "postgresMgrCfg.zfsClientCfg.zfsHost",
        "postgresMgrCfg.zfsClientCfg.zfsPort",
        "postgresMgrCfg.pgInitDbPath", "postgresMgrCfg.postgresPath",
        "postgresMgrCfg.postgresConf", "postgresMgrCfg.recoveryConf", "postgresMgrCfg.hbaConf",
        "postgresMgrCfg.pgCtlPath", "postgresMgrCfg.syncStateCheckerCfg", "zfsClientCfg",
        "postgresMgrCfg.postgresConfFile", "postgresMgrCfg.hbaConfFile",
        "postgresMgrCfg.recoveryConfFile",
    ]

    /// The keys of the file that are ignored and perhaps should not be; comments are not among them.
    static func of(_ reading: SettingsReading) -> [ConfigurationProblem] {
        reading.unknownKeys.filter { problem in
            guard let key = problem.key else { return true }
            let isComment = key.split(separator: ".").last?.hasPrefix("//") ?? false
            return !isComment && !withoutEffect.contains(key)
        }.map { problem in
            var warning = problem
            warning.found = "an unknown key, which is ignored"
            return warning
        }
    }
}
