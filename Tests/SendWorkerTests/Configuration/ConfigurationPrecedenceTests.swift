import SendWorker
import Telemetry
import Testing

@Suite("Configuration: where values come from")
struct ConfigurationPrecedenceTests {
    private static func file(_ text: String) throws -> ConfigurationFile {
        try ConfigurationFile(name: "worker.yaml", text: text)
    }

    private static func entry(_ key: String, of loaded: LoadedConfiguration) throws -> ConfigurationReport.Entry {
        try #require(loaded.report.entries.first { $0.key == key })
    }

    @Test("an option wins over the environment, that over the file, that over the default, and the source is named")
    func order() throws {
        let options = [try ConfigurationOption(assignment: "retry.maxDelay=4s")]
        let environment = ["RETRY_MAX_DELAY": "3s", "PATH": "/bin"]
        let file = try Self.file("log:\n  level: debug\nretry:\n  maxDelay: 2s\n")
        let all = try LoadedConfiguration.load(options: options, environment: environment, file: file)
        #expect(all.configuration.retry.maxDelay == .seconds(4))
        #expect(try Self.entry("retry.maxDelay", of: all).source == .option("--set"))
        #expect(all.configuration.log.level == .debug)
        #expect(try Self.entry("log.level", of: all).source.description == "file worker.yaml line 2")
        let two = try LoadedConfiguration.load(environment: environment, file: file)
        #expect(two.configuration.retry.maxDelay == .seconds(3))
        #expect(try Self.entry("retry.maxDelay", of: two).source.description == "environment RETRY_MAX_DELAY")
        let one = try LoadedConfiguration.load(file: file)
        #expect(one.configuration.retry.maxDelay == .seconds(2))
        #expect(try Self.entry("retry.maxDelay", of: one).source == .file("worker.yaml", line: 4))
    }

    @Test("of several options for one key the last one counts, and its spelling is the source")
    func lastOption() throws {
        let loaded = try LoadedConfiguration.load(options: [
            ConfigurationOption(key: "kafka.bootstrapServers", text: "a:1", spelling: "--set"),
            ConfigurationOption(key: "kafka.bootstrapServers", text: "b:2", spelling: "--bootstrap-servers"),
        ])
        #expect(loaded.configuration.kafka.bootstrapServers == "b:2")
        #expect(try Self.entry("kafka.bootstrapServers", of: loaded).source == .option("--bootstrap-servers"))
    }

    @Test(
        "names in the environment follow the words of the key",
        arguments: [
            ("KAFKA_BOOTSTRAP_SERVERS", "a:1", "kafka.bootstrapServers"),
            ("GRAPH_BASE_URL", "http://localhost:1", "graph.baseURL"),
            ("TOPICS_DEAD_LETTERS", "dead", "topics.deadLetters"), ("KAFKA_GROUP_ID", "g", "kafka.groupId"),
            ("WORKER_MAX_OUTSTANDING_PER_PARTITION", "5", "worker.maxOutstandingPerPartition"),
            ("VALIDATION_ALLOW_PRIVATE_HOSTS", "true", "validation.allowPrivateHosts"),
        ]
    )
    func environmentNames(variable: String, text: String, key: String) throws {
        let loaded = try LoadedConfiguration.load(environment: [variable: text])
        let entry = try Self.entry(key, of: loaded)
        #expect(entry.value == text)
        #expect(entry.source == .environment(variable))
    }

    @Test("librdkafka's properties are passed through from every source, and passwords among them are hidden")
    func properties() throws {
        let loaded = try LoadedConfiguration.load(
            options: [ConfigurationOption(assignment: "kafka.properties.debug=cgrp")],
            environment: ["KAFKA_PROPERTIES_SASL_PASSWORD": "hush=hush", "KAFKA_PROPERTIES_DEBUG": "all"],
            file: Self.file("kafka:\n  properties:\n    security.protocol: SASL_SSL\n    sasl:\n      username: me\n")
        )
        #expect(
            loaded.configuration.kafka.properties.mapValues(\.revealed) == [
                "debug": "cgrp", "sasl.password": "hush=hush", "security.protocol": "SASL_SSL", "sasl.username": "me",
            ]
        )
        #expect(try Self.entry("kafka.properties.sasl.password", of: loaded).value == "<redacted>")
        #expect(try Self.entry("kafka.properties.security.protocol", of: loaded).value == "SASL_SSL")
        #expect(!"\(loaded.report.text)\(loaded.report.json)\(loaded)".contains("hush"))
    }

    @Test("an account's own limits come from every source, key by key")
    func accounts() throws {
        let loaded = try LoadedConfiguration.load(
            options: [ConfigurationOption(assignment: "limits.accounts.1789.mediaPerSecond=5")],
            environment: [
                "LIMITS_ACCOUNTS_1789_PRIVATE_REPLIES_PER_HOUR": "70", "LIMITS_ACCOUNTS_1789_MEDIA_PER_SECOND": "9",
            ],
            file: Self.file(
                "limits:\n  accounts:\n    1789: { messagesPerSecond: 50 }\n    \"22\":\n      mediaPerSecond: 1\n"
            )
        )
        let accounts = loaded.configuration.limits.accounts
        #expect(Set(accounts.keys) == ["1789", "22"])
        #expect(accounts["1789"]?.messagesPerSecond == 50)
        #expect(accounts["1789"]?.mediaPerSecond == 5)
        #expect(accounts["1789"]?.privateRepliesPerHour == 70)
        #expect(accounts["22"]?.mediaPerSecond == 1)
        #expect(accounts["22"]?.messagesPerSecond == nil)
    }

    @Test(
        "a file of which all is commented out, or a section of it, says nothing",
        arguments: ["", "# nothing\n", "retry:\n  # maxDelay: 4s\n", "kafka:\n  properties:\nlimits:\n  accounts:\n"]
    )
    func emptyFiles(text: String) throws {
        #expect(try LoadedConfiguration.load(file: Self.file(text)).configuration == WorkerConfiguration())
    }

    @Test("dotted keys in the file are the same keys, and a key without a value takes an optional one away")
    func dottedAndEmpty() throws {
        let file = try Self.file("retry.maxDelay: 4s\ntokens: { file: /run/tokens }\n")
        let loaded = try LoadedConfiguration.load(environment: ["TOKENS_FILE": ""], file: file)
        #expect(loaded.configuration.retry.maxDelay == .seconds(4))
        #expect(loaded.configuration.tokens.file == nil)
    }
}
