package import Logging

extension Logger.Level {
    /// The level that bunyan calls `name`, as configurations and `LOG_LEVEL` do; nil for other words.
    package init?(bunyan name: String) {
        switch name {
        case "trace": self = .trace
        case "debug": self = .debug
        case "info": self = .info
        case "warn": self = .warning
        case "error": self = .error
        case "fatal": self = .critical
        case _: return nil
        }
    }
}
