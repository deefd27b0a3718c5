extension ConfigurationKey {
    static let kafka = [
        ConfigurationKey("kafka.bootstrapServers", \.kafka.bootstrapServers, .servers, "the brokers to ask first"),
        ConfigurationKey(
            "kafka.groupId",
            \.kafka.groupId,
            .text(accepted: "a group name"),
            "the consumer group that shares the requests"
        ),
        ConfigurationKey(
            "kafka.instanceId",
            \.kafka.instanceId,
            .text(accepted: "a name that no other replica has"),
            "static membership: a replica that crashed gets its partitions back without a rebalance; a stop in order gives them up"
        ),
        ConfigurationKey(
            "kafka.takeOverGroup",
            \.kafka.takeOverGroup,
            .text(accepted: "a group name"),
            "the group whose ledger this one goes on with, once: for a group that was renamed"
        ),
    ]

    static let topics = [
        ConfigurationKey("topics.requests", \.topics.requests, .topic, "where requests are read; key: account_id"),
        ConfigurationKey("topics.results", \.topics.results, .topic, "where each request's one result is written"),
        ConfigurationKey(
            "topics.deadLetters",
            \.topics.deadLetters,
            .topic,
            "where requests that were not sent are written as they came"
        ),
        ConfigurationKey(
            "topics.state",
            \.topics.state,
            .topic,
            "what must outlive a replica; compacted, with as many partitions as the requests topic"
        ),
    ]

    static let delivery = [
        ConfigurationKey(
            "delivery.guarantee",
            \.delivery.guarantee,
            .choice(),
            "exactly_once commits results, dead letters and offsets in one transaction; at_least_once is for brokers "
                + "without transactions"
        ),
        ConfigurationKey(
            "delivery.default",
            \.delivery.default,
            .choice(),
            "what happens when an outcome is unknown, for requests that name no delivery themselves"
        ),
        ConfigurationKey(
            "delivery.commitInterval",
            \.delivery.commitInterval,
            .duration(.milliseconds(1)...(.seconds(10))),
            "how long finished requests wait for a commit at most"
        ),
        ConfigurationKey(
            "delivery.maxInDoubt",
            \.delivery.maxInDoubt,
            .integer(1...1_000_000),
            unit: "messages",
            "messages of a replica that are called, or ended and not yet durable, at most: what its sudden death can send "
                + "twice"
        ),
    ]
}
