internal import Telemetry

extension ConfigurationKey {
    static let worker = [
        ConfigurationKey(
            "worker.maxInFlight",
            \.worker.maxInFlight,
            .integer(1...65_536),
            unit: "calls",
            "HTTP calls at once"
        ),
        ConfigurationKey(
            "worker.maxOutstandingPerPartition",
            \.worker.maxOutstandingPerPartition,
            .integer(1...1_000_000),
            unit: "records",
            "records of a partition that are fetched and not yet finished"
        ),
        ConfigurationKey(
            "worker.drainTimeout",
            \.worker.drainTimeout,
            .duration(.seconds(0)...(.seconds(600))),
            "how long calls in flight are waited for on shutdown and when a partition is taken away"
        ),
    ]

    static let admin = [
        ConfigurationKey("admin.host", \.admin.host, .host, "where health, metrics and the status page are served"),
        ConfigurationKey("admin.port", \.admin.port, .integer(0...65_535), "0 takes any free port"),
        ConfigurationKey(
            "admin.allowedHosts",
            \.admin.allowedHosts,
            .hostNames,
            "names that a request's Host may carry beside localhost and IP addresses; with none, any name unless admin.host "
                + "is loopback"
        ),
        ConfigurationKey(
            "admin.token",
            \.admin.token,
            .secret,
            "needed to resume a paused worker on command; without it nobody can"
        ),
    ]

    static let log = [
        ConfigurationKey("log.level", \.log.level, .choice(), "the least important lines that are written"),
        ConfigurationKey("log.format", \.log.format, .choice(), "columns for people, or one JSON object per line"),
        ConfigurationKey(
            "log.messageText",
            \.log.messageText,
            .boolean,
            "write what people are sent into the log when a call is started, at debug level; for tests"
        ),
    ]
}
