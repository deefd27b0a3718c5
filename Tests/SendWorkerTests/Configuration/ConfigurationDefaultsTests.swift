import SendWorker
import Testing

@Suite("Configuration: defaults and keys")
struct ConfigurationDefaultsTests {
    /// Every key that is promised, with its promised default; nil for none.
    static let promised: [(String, String?)] = [
        ("kafka.bootstrapServers", "localhost:9092"), ("kafka.groupId", "instagram-send-worker"),
        ("kafka.instanceId", nil), ("kafka.takeOverGroup", nil), ("topics.requests", "instagram.send.requests"),
        ("topics.results", "instagram.send.results"), ("topics.deadLetters", "instagram.send.dead-letters"),
        ("topics.state", "instagram.send.state"), ("delivery.guarantee", "exactly_once"),
        ("delivery.default", "at_least_once"), ("delivery.commitInterval", "100ms"), ("delivery.maxInDoubt", "1000"),
        ("graph.baseURL", "https://graph.instagram.com"), ("graph.version", "v23.0"), ("graph.connectTimeout", "5s"),
        ("graph.responseTimeout", "30s"), ("graph.appSecret", nil), ("graph.caFile", nil), ("graph.proxy", nil),
        ("tokens.file", nil), ("tokens.directory", nil),
        ("tokens.refresh", "false"), ("tokens.refreshBefore", "168h"),
        ("limits.messagesPerSecond", "100"), ("limits.mediaPerSecond", "10"), ("limits.privateRepliesPerHour", "750"),
        ("retry.initialDelay", "500ms"), ("retry.maxDelay", "60s"), ("retry.multiplier", "2"),
        ("retry.maxAttempts", "8"), ("retry.maxElapsed", "15m"), ("retry.maxHold", "24h"),
        ("retry.unknownResends", "2"),
        ("retry.answeredUnknownResends", "0"),
        ("worker.maxInFlight", "512"), ("worker.maxOutstandingPerPartition", "10000"), ("worker.drainTimeout", "20s"),
        ("safety.enabled", "true"), ("safety.threshold", "0.5"), ("safety.window", "60s"),
        ("safety.minimumCalls", "20"), ("media.preflight", "true"), ("admin.host", "127.0.0.1"),
        ("admin.port", "8080"), ("admin.allowedHosts", nil), ("admin.token", nil), ("log.level", "info"),
        ("log.format", "text"),
        ("log.messageText", "false"), ("tracing.endpoint", nil), ("tracing.headers", nil),
        ("tracing.sampleRatio", "0"), ("validation.unknownFields", "refuse"), ("validation.allowPrivateHosts", "false"),
    ]

    @Test("the table holds exactly the promised keys with the promised defaults, in the promised order")
    func defaults() {
        #expect(ConfigurationKey.all.map(\.name) == Self.promised.map(\.0))
        #expect(ConfigurationKey.all.map(\.defaultText) == Self.promised.map(\.1))
    }

    @Test("with nothing set, loading gives the defaults")
    func nothingSet() throws {
        let loaded = try LoadedConfiguration.load()
        #expect(loaded.configuration == WorkerConfiguration())
        #expect(loaded.warnings == [])
        #expect(loaded.report.entries.allSatisfy { $0.source == .byDefault })
    }

    @Test("each key changes exactly the value of its own name")
    func keysReachTheirPlaces() throws {
        let others = [
            "whole number": "7", "duration": "7s", "number": "3", "choice": "json", "URL": "https://graph.example",
            "servers": "kafka:1", "version": "v24.0", "host": "::1", "topic": "another.topic", "path": "/run/tokens",
            "text": "another", "secret": "hush", "hosts": "worker.internal",
        ]
        let choices = [
            "delivery.guarantee": "at_least_once", "delivery.default": "at_most_once", "log.level": "debug",
            "validation.unknownFields": "forward", "media.preflight": "false", "safety.enabled": "false",
            "safety.threshold": "0.25", "validation.allowPrivateHosts": "true", "log.messageText": "true",
            "tracing.headers": "a=b", "tracing.sampleRatio": "0.5", "tokens.refresh": "true",
            "tokens.refreshBefore": "24h", "graph.proxy": "http://proxy:3128",
        ]
        for key in ConfigurationKey.all {
            let text = try #require(choices[key.name] ?? others[key.typeName])
            let loaded = try LoadedConfiguration.load(
                options: [ConfigurationOption(key: key.name, text: text, spelling: "--set")]
            )
            let changed = loaded.report.entries.filter { $0.value != $0.defaultText }.map(\.key)
            #expect(changed == [key.name])
            #expect(loaded.configuration != WorkerConfiguration())
        }
    }
}
