import SendWorker
import Testing

@Suite("Configuration: values")
struct ConfigurationValueTests {
    private static func isAccepted(_ key: String, _ text: String) -> Bool {
        (try? LoadedConfiguration.load(options: [ConfigurationOption(key: key, text: text, spelling: "--set")])) != nil
    }

    @Test("durations are whole numbers with a unit")
    func durations() {
        #expect(DurationText.parse("250ms") == .milliseconds(250))
        #expect(DurationText.parse("30s") == .seconds(30))
        #expect(DurationText.parse("15m") == .seconds(900))
        #expect(DurationText.parse("24h") == .seconds(86_400))
        for text in ["", "s", "5", "-5s", "+5s", "1.5s", "5 s", "5S", "1m30s", "9223372036854775807h", "٣s", "5d"] {
            #expect(DurationText.parse(text) == nil, "\(text)")
        }
    }

    @Test(
        "durations are shown in a form that reads back as the same",
        arguments: [
            "0s", "1ms", "250ms", "1s", "1500ms", "60s", "90s", "15m", "60m", "90m", "24h",
        ]
    )
    func shown(text: String) throws {
        #expect(DurationText.show(try #require(DurationText.parse(text))) == text)
    }

    @Test(
        "a malformed duration is answered with the right spelling",
        arguments: [
            ("60 seconds", "60s"), ("1.5s", "1500ms"), ("60", "60ms or 60s"), ("5 Min", "5m"), ("1 day", "24h"),
            ("soon", "it like 250ms, 30s, 15m or 24h"), ("-1s", "it like 250ms, 30s, 15m or 24h"),
        ]
    )
    func suggestions(text: String, suggestion: String) {
        #expect(
            throws: ConfigurationError([
                "retry.maxElapsed: \"\(text)\" (option --set) is not a duration; write \(suggestion)"
            ])
        ) {
            try LoadedConfiguration.load(options: [
                ConfigurationOption(key: "retry.maxElapsed", text: text, spelling: "--set")
            ])
        }
    }

    @Test(
        "well-formed values are accepted",
        arguments: [
            ("kafka.bootstrapServers", "a:9092,b.example:9093, [::1]:9092"),
            ("kafka.bootstrapServers", "SASL_SSL://a:1"),
            ("kafka.bootstrapServers", "broker"), ("graph.baseURL", "https://proxy.example:8443/graph"),
            ("graph.version", "v123.45"), ("admin.port", "0"), ("admin.host", "0.0.0.0"), ("retry.multiplier", "1.5"),
            ("worker.drainTimeout", "0s"), ("retry.unknownResends", "0"), ("kafka.instanceId", ""),
        ]
    )
    func accepted(key: String, text: String) {
        #expect(Self.isAccepted(key, text))
    }

    @Test(
        "malformed values are refused",
        arguments: [
            ("kafka.bootstrapServers", ""), ("kafka.bootstrapServers", "a:9092,"), ("kafka.bootstrapServers", "a:0"),
            ("kafka.bootstrapServers", "a:port"), ("kafka.bootstrapServers", ":9092"), ("kafka.groupId", ""),
            ("graph.baseURL", "graph.instagram.com"), ("graph.baseURL", "https://"), ("graph.baseURL", "ftp://a"),
            ("graph.baseURL", "https://a?x=1"), ("graph.baseURL", "https://u:p@a"),
            ("graph.baseURL", "https://a:70000"),
            ("graph.version", "23.0"), ("graph.version", "v23"), ("graph.version", "v23.0/x"), ("admin.port", "-1"),
            ("admin.port", "65536"), ("admin.host", "http://a"), ("retry.multiplier", "0.5"),
            ("retry.multiplier", "nan"),
            ("retry.multiplier", "inf"), ("limits.messagesPerSecond", "0"), ("worker.maxInFlight", "1e3"),
            ("topics.requests", "a b"), ("topics.requests", ".."), ("media.preflight", "yes"), ("media.preflight", ""),
            ("delivery.guarantee", "exactly-once"), ("retry.initialDelay", "0s"),
            ("limits.accounts.1.mediaPerSecond", "0"),
        ]
    )
    func refused(key: String, text: String) {
        #expect(!Self.isAccepted(key, text))
    }
}
